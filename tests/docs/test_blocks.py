"""Every block of the README and of docs/ runs, or says why it does not."""

import json
from pathlib import Path

import pytest

from tests.docs.blocks import RUN, Block, WrongMark, blocks, pages
from tests.docs.desk import Desk, Service

_ALL = [block for page in pages() for block in blocks(page)]
_SHOWN = frozenset({"text", "json", "yaml", "toml", "html", "ini"})
_RUNNING = [page for page in pages() if any(one.language in RUN for one in blocks(page))]
_LEFT_OUT = [block for block in _ALL if block.not_run]


@pytest.mark.parametrize("page", _RUNNING)
def test_the_commands_of_a_page_work_one_after_another(
    page: str, handbook_data: Path, shared: Service, quick: Path, tmp_path: Path
) -> None:
    with Desk(tmp_path, handbook_data, shared, quick) as desk:
        for block in blocks(page):
            if block.language not in RUN or block.not_run:
                continue
            done = desk.run(block)
            said = f"{block.place} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            assert done.returncode == block.code, said


@pytest.mark.parametrize("block", _LEFT_OUT, ids=lambda block: block.place)
def test_a_block_that_is_not_run_says_why(block: Block) -> None:
    assert block.language in RUN
    assert len(block.not_run.split()) > 1
    pytest.skip(block.not_run)


def test_a_block_says_what_it_is() -> None:
    assert [one.place for one in _ALL if one.language not in RUN | _SHOWN] == []


def test_only_blocks_that_run_are_marked() -> None:
    marked = [one for one in _ALL if one.service or one.model or one.code]
    assert [one.place for one in marked if one.language not in RUN] == []


@pytest.mark.parametrize(
    "block", [one for one in _ALL if one.language == "json"], ids=lambda block: block.place
)
def test_json_that_is_shown_is_json(block: Block) -> None:
    json.loads(block.text)


def test_a_mark_is_read() -> None:
    (block,) = blocks("p.md", "<!-- test: service, exit 3 -->\n```sh\nforebay\n```")
    assert block == Block("p.md", 2, "sh", "forebay", service="shared", code=3)


def test_a_reason_is_kept_as_it_is_written() -> None:
    (block,) = blocks("p.md", "<!-- test: not run: it needs Docker, and a key -->\n```sh\nx\n```")
    assert block.not_run == "it needs Docker, and a key"


def test_a_mark_that_nobody_knows_is_named_with_its_place() -> None:
    with pytest.raises(WrongMark, match=r"p\.md:2: 'servce' is no mark"):
        blocks("p.md", "<!-- test: servce -->\n```sh\nx\n```")


def test_a_block_in_a_list_loses_its_indentation() -> None:
    (block,) = blocks("p.md", "- so:\n\n  ```sh\n  forebay ask \\\n    x\n  ```")
    assert block.text == "forebay ask \\\n  x"
