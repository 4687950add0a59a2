"""Times keep their moment, whatever they were written like."""

import pytest

from domain.errors import InvalidInput
from wiring.state.times import from_iso, to_iso


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-11-03T09:30:00+00:00", "2026-11-03T09:30:00+00:00"),
        ("2026-11-03T09:30:00.000001+00:00", "2026-11-03T09:30:00.000001+00:00"),
        ("2026-11-03T09:30:00Z", "2026-11-03T09:30:00+00:00"),
        ("2026-11-03T09:30:00+05:30", "2026-11-03T04:00:00+00:00"),
    ],
    ids=["whole seconds", "microseconds", "zulu", "another zone"],
)
def test_a_time_is_kept_in_utc(written: str, kept: str) -> None:
    assert to_iso(from_iso(written)) == kept


@pytest.mark.parametrize("text", ["2026-11-03T09:30:00", "yesterday", ""])
def test_what_is_no_clear_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="Write it as in 2026"):
        from_iso(text)
