"""Every test here may have a place with two documents."""

from pathlib import Path

import pytest

from tests.ingest.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.put("a.md", "# A\n\none")
    place.put("b.md", "# B\n\ntwo")
    return place
