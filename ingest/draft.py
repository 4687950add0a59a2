"""A document while it is being read: its text grows block by block, so offsets are right.

The text is Markdown where that says more: `#` before headings, `-` before list items, `|`
around the cells of a row. Knows nothing of formats.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.documents import Block, BlockKind, Metadata, Scalar

_GAP = "\n\n"
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing gives; the pipeline adds whose document it is."""

    title: str
    text: str
    blocks: tuple[Block, ...]
    media_type: str = "text/plain"
    metadata: Metadata = field(default_factory=dict)


class Draft:
    def __init__(self, title: str = "") -> None:
        self.title = title
        self.metadata: dict[str, Scalar | tuple[str, ...]] = {}
        self._texts: list[str] = []
        self._blocks: list[Block] = []
        self._size = 0
        self._path: list[tuple[int, str]] = []  # level and title of the sections that are open

    def heading(
        self, title: str, level: int, page: int | None = None, *, written: str = ""
    ) -> None:
        """Level 1 is the outermost; levels may be left out. `written`: with its marks, if any."""
        title = one_line(title)
        if not title:
            return
        self.leave(level)
        self._path.append((level, title))  # a heading lies in its own section
        self.add("heading", f"{'#' * min(level, _DEEPEST)} {one_line(written) or title}", page)

    def leave(self, level: int = 1) -> None:
        """Close the sections of this level and deeper."""
        while self._path and self._path[-1][0] >= level:
            self._path.pop()

    def add(self, kind: BlockKind, text: str, page: int | None = None) -> None:
        text = text.strip("\n").rstrip() if kind == "code" else text.strip()
        if not text.strip():
            return
        start = self._size + len(_GAP) if self._texts else 0
        path = tuple(title for _, title in self._path)
        self._texts.append(text)
        self._size = start + len(text)
        self._blocks.append(Block(kind, start, self._size, path, page))

    def paragraphs(self, text: str, page: int | None = None) -> None:
        """Plain text: blank lines part paragraphs."""
        for paragraph in _BLANK_LINES.split(text):
            self.add("paragraph", paragraph, page)

    def items(self, items: Iterable[str], page: int | None = None) -> None:
        self.add("list", "\n".join(f"- {item}" for item in map(one_line, items) if item), page)

    def rows(self, rows: Iterable[Sequence[str]], page: int | None = None) -> None:
        lines = ((one_line(cell) for cell in row) for row in rows)
        self.add("table", "\n".join(line for row in lines if (line := _row(list(row)))), page)

    def parsed(self, title: str, media_type: str) -> Parsed:
        return Parsed(
            title=one_line(self.title) or self._first_heading() or title,
            text=_GAP.join(self._texts),
            blocks=tuple(self._blocks),
            media_type=media_type,
            metadata=self.metadata,
        )

    def _first_heading(self) -> str:
        first = self._blocks[0] if self._blocks else None
        return first.headings[-1] if first and first.kind == "heading" else ""


def one_line(text: str) -> str:
    return " ".join(text.split())


def labelled(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[list[str]]:
    """Each cell says its column, so that a row is understood without its table."""
    for row in rows:
        names = [*head, *[""] * (len(row) - len(head))]
        yield [
            f"{name.strip()}: {cell.strip()}" if name.strip() else cell
            for name, cell in zip(names, row, strict=False)
            if cell.strip()
        ]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |" if any(cells) else ""
