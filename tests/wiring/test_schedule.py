"""Times of the week, in a zone."""

from datetime import UTC, datetime

import pytest

from domain.errors import Misconfigured
from wiring.schedule import Schedule

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)


def after(text: str, moment: datetime = SATURDAY, zone: str = "UTC") -> str:
    found = Schedule.parse(text, zone, "FOREBAY_CACHE__WARM").after(moment)
    return found.astimezone(UTC).strftime("%a %d %H:%M")


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("Mon-Fri 07:55", "Mon 23 07:55"),
        ("Sat 12:00", "Sat 28 12:00"),
        ("Sat 12:01", "Sat 21 12:01"),
        ("06:30", "Sun 22 06:30"),
        ("Mon 07:00, Sun 23:59", "Sun 22 23:59"),
        ("Fri-Mon 08:00", "Sun 22 08:00"),
    ],
)
def test_the_next_time_is_found(text: str, comes: str) -> None:
    assert after(text) == comes


def test_times_are_those_of_the_zone() -> None:
    assert after("Mon 07:55", zone="Europe/Berlin") == "Mon 23 06:55"


def test_a_change_of_the_clocks_moves_it_in_utc() -> None:
    sunday = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert after("07:55", sunday, "Europe/Berlin") == "Sun 29 05:55"


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("Mo 07:55", "UTC", "'mo 07:55' is no time"),
        ("Xyz 07:55", "UTC", "'xyz' is no day"),
        ("Mon 25:00", "UTC", "hour must be in"),
        ("07:55", "Mars", "no time zone 'Mars'"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text: str, zone: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        Schedule.parse(text, zone, "FOREBAY_CACHE__WARM")
