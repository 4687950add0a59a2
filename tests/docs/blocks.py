"""Finds the blocks of the README and of docs/, and what their marks say about running them.

A mark is a comment right above a block, `<!-- test: … -->`, with words parted by commas:

    service      beside a service that pages share; localhost:8420 in the block means it
    own service  the same, of this page alone: what it changes, others do not see
    model        a provider of OpenAI's format stands in for OpenAI
    exit 3       it ends with that code
    not run: … and why

Without a mark a block of `sh` or `python` runs by itself, on the page's own copy of the ingested
handbook. Blocks of a page run one after another. Knows nothing of how that is done.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tests.layout.checkout import ROOT

RUN = frozenset({"sh", "python"})
_FENCE = re.compile(r"^( *)```(.*)$")
_MARK = re.compile(r"^ *<!-- test: (.+) -->$")
_EXIT = re.compile(r"exit (\d+)")
_NOT_RUN = "not run: "


class WrongMark(Exception):
    """A mark that no test understands; the message names its place."""


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    service: Literal["", "shared", "own"] = ""
    model: bool = False
    code: int = 0
    not_run: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    return ["README.md", *sorted(f"docs/{path}" for path in _below(ROOT / "docs"))]


def blocks(page: str, text: str | None = None) -> list[Block]:
    lines = (text if text is not None else (ROOT / page).read_text("utf-8")).splitlines()
    found: list[Block] = []
    start: int | None = None
    for number, line in enumerate(lines):
        if not (fence := _FENCE.match(line)):
            continue
        if start is None:
            start = number
            continue
        mark = _MARK.match(lines[start - 1]) if start else None
        language = lines[start].strip().removeprefix("```")
        inner = "\n".join(one.removeprefix(fence[1]) for one in lines[start + 1 : number])
        plain = Block(page, start + 1, language, inner)
        found.append(_marked(plain, mark[1]) if mark else plain)
        start = None
    return found


def _marked(block: Block, mark: str) -> Block:
    if mark.startswith(_NOT_RUN):
        return replace(block, not_run=mark.removeprefix(_NOT_RUN))
    for word in mark.split(", "):
        if word == "service":
            block = replace(block, service="shared")
        elif word == "own service":
            block = replace(block, service="own")
        elif word == "model":
            block = replace(block, model=True)
        elif code := _EXIT.fullmatch(word):
            block = replace(block, code=int(code[1]))
        else:
            raise WrongMark(f"{block.place}: '{word}' is no mark; tests/docs/blocks.py has them.")
    return block


def _below(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*.md")]
