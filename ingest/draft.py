"""A document while it is being read: its text grows block by block, so offsets are right.

The text is Markdown where that says more: `#` before headings, `-` before list items, `|`
around the cells of a row. A link is written with `linked` into the text of any block; here it
becomes a stretch of the text with its target. Knows nothing of formats.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from domain.documents import Block, BlockKind, Link, Metadata, Scalar

_GAP = "\n\n"
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_DEEPEST = 6
_LONG_TABLE = 50_000  # letters, of which many chunks are made anyway
# Unicode keeps these for such use inside a program; `decode.clean` takes them out of documents.
_OPEN, _THEN, _CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
_MARK = re.compile(f"{_OPEN}([^{_THEN}]*){_THEN}|{_CLOSE}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What parsing gives; the pipeline adds whose document it is."""

    title: str
    text: str
    blocks: tuple[Block, ...]
    media_type: str = "text/plain"
    language: str = ""
    links: tuple[Link, ...] = ()
    metadata: Metadata = field(default_factory=dict)


class Draft:
    def __init__(self, title: str = "") -> None:
        self.title = title
        self.language = ""  # as the document itself declares it
        self.metadata: dict[str, Scalar | tuple[str, ...]] = {}
        self._texts: list[str] = []
        self._blocks: list[Block] = []
        self._links: list[Link] = []
        self._size = 0
        self._path: list[tuple[int, str]] = []  # level and title of the sections that are open

    def heading(
        self, title: str, level: int, page: int | None = None, *, written: str = ""
    ) -> None:
        """Level 1 is the outermost; levels may be left out. `written`: with its marks, if any."""
        plain = unlinked(one_line(title))
        if not plain:
            return
        self.leave(level)
        self._path.append((level, plain))  # a heading lies in its own section
        text = one_line(written) or one_line(title)
        self.add("heading", f"{'#' * min(level, _DEEPEST)} {text}", page)

    def enter(self, title: str, level: int) -> None:
        """A section whose heading is not written in the text, since the text says it already."""
        self.leave(level)
        if title := one_line(title):
            self._path.append((level, title))

    def leave(self, level: int = 1) -> None:
        """Close the sections of this level and deeper."""
        while self._path and self._path[-1][0] >= level:
            self._path.pop()

    def add(
        self,
        kind: BlockKind,
        text: str,
        page: int | None = None,
        *,
        links: Iterable[tuple[int, int, str]] = (),
        headed: bool = False,
    ) -> None:
        """`links`: start, end and target, where they were not written with `linked`."""
        text, written = _taken_out(text)
        whole, text = text, text.strip("\n").rstrip() if kind == "code" else text.strip()
        if not text.strip():
            return
        start = self._size + len(_GAP) if self._texts else 0
        path = tuple(title for _, title in self._path)
        self._texts.append(text)
        self._size = start + len(text)
        self._blocks.append(Block(kind, start, self._size, path, page, headed))
        self._link(whole, text, start, (*links, *written))

    def paragraphs(self, text: str, page: int | None = None) -> None:
        """Plain text: blank lines part paragraphs."""
        for paragraph in _BLANK_LINES.split(text):
            self.add("paragraph", paragraph, page)

    def items(self, items: Iterable[str], page: int | None = None) -> None:
        self.add("list", "\n".join(f"- {item}" for item in map(one_line, items) if item), page)

    def rows(
        self, rows: Iterable[Sequence[str]], page: int | None = None, *, headed: bool = False
    ) -> None:
        """`headed`: the first of them names the columns; others need not stay together."""
        lines: list[str] = []
        size = 0
        for row in rows:
            if line := _row([one_line(cell) for cell in row]):
                lines.append(line)
                size += len(line)
            if size > _LONG_TABLE and not headed:
                self.add("table", "\n".join(lines), page)
                lines, size = [], 0
        self.add("table", "\n".join(lines), page, headed=headed)

    def parsed(self, title: str, media_type: str) -> Parsed:
        return Parsed(
            title=one_line(self.title) or self._first_heading() or title,
            text=_GAP.join(self._texts),
            blocks=tuple(self._blocks),
            media_type=media_type,
            language=self.language,
            links=tuple(sorted(self._links, key=lambda link: link.start)),
            metadata=self.metadata,
        )

    def _link(
        self, whole: str, text: str, start: int, links: Iterable[tuple[int, int, str]]
    ) -> None:
        """Where they lie in the document, without the white space that was stripped."""
        cut = whole.index(text)
        for begin, end, target in links:
            first, last = max(begin - cut, 0), min(end - cut, len(text))
            if first < last and target:
                self._links.append(Link(start + first, start + last, target))

    def _first_heading(self) -> str:
        first = self._blocks[0] if self._blocks else None
        return first.headings[-1] if first and first.kind == "heading" else ""


def one_line(text: str) -> str:
    return " ".join(text.split())


def linked(text: str, target: str) -> str:
    """Text that leads to the target, for any block: it may be stripped, joined and cut."""
    target = "".join(target.split())
    return f"{_OPEN}{target}{_THEN}{text}{_CLOSE}" if target and text.strip() else text


def unlinked(text: str) -> str:
    return _MARK.sub("", text) if _OPEN in text else text


def _taken_out(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The text without the marks of `linked`, and what they said."""
    if _OPEN not in text:
        return text, []
    links: list[tuple[int, int, str]] = []
    opened: list[tuple[int, str]] = []
    kept: list[str] = []
    at = size = 0
    for mark in _MARK.finditer(text):
        kept.append(text[at : mark.start()])
        size, at = size + mark.start() - at, mark.end()
        if mark[1] is not None:
            opened.append((size, mark[1]))
        elif opened:
            begin, target = opened.pop()
            links.append((begin, size, target))
    return "".join([*kept, text[at:]]), links


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
