"""No request makes the service fail, and none is answered in a way that is not documented.

`make soak` does it for longer.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.fuzz import bodies, schema
from tests.api.keyed import ROOT, Keyed, serving_keys


@pytest.fixture(scope="module")
def keyed(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    with serving_keys(handbook_data, tmp_path_factory.mktemp("fuzz")) as found:
        yield found


def test_300_broken_bodies_get_clear_answers_and_leave_nothing_behind(keyed: Keyed) -> None:
    found = bodies(keyed, 300, seed=1)
    assert found.wrong == []
    assert found.statuses[422] > 50
    assert found.grown_mb < 50


@pytest.mark.parametrize("key", [ROOT, ""], ids=["with a key", "without"])
def test_schemathesis_finds_nothing(keyed: Keyed, key: str) -> None:
    said = schema(str(keyed.client.base_url), seconds=25 if key else 10, seed=1, key=key)
    assert said.returncode == 0, said.stdout[-6_000:]
