"""What the pages say of the default prompt set is what it has."""

import json
import re
from pathlib import Path

import pytest

from tests.layout.checkout import read
from tests.service import forebay


@pytest.mark.parametrize("page", ["README.md", "docs/concepts.md"])
def test_the_prompt_set_is_as_short_as_a_page_says(page: str, tmp_path: Path) -> None:
    sets = json.loads(forebay("prompts", "list", "--json", data=tmp_path).stdout)
    tokens = next(one["tokens"] for one in sets if one["version"] == "answer/v1")
    said = re.search(r"(?:some |\()(\d+) tokens", read(page))
    assert said
    assert int(said[1]) == pytest.approx(tokens, rel=0.05)
