"""The reference is what the code says today."""

import pytest

from docs.describe import FOLDER, pages


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", ["settings", "commands", "http", "errors", "metrics"])
def test_a_page_of_the_reference_is_todays(name: str, made: dict[str, str]) -> None:
    written = (FOLDER / f"{name}.md").read_text("utf-8")
    assert written == made[f"{name}.md"], "stale: run `python -m docs.describe`"
