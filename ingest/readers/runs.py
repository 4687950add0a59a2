"""Text collected run by run, and the blocks of a document made of it.

Every reader of a tree writes through it: white space is collapsed, links that lead out of the
document are kept, list items that follow each other are one block. Knows nothing of formats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.decode import clean
from ingest.draft import Draft, linked, one_line, unlinked
from ingest.readers.grid import names_columns

_NOWHERE = ("#", "javascript:", "data:", "about:", "cid:")
_LONGEST_TARGET = 2000
_DEEPEST_ITEM = 8  # further in, items are not indented any more


class Runs:
    """What is written between two borders of blocks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[tuple[int, str]] = []

    def write(self, text: str | None) -> None:
        """White space in it is as good as one space."""
        if text:
            head, tail = text[0].isspace(), text[-1].isspace()
            inner = one_line(clean(text))
            self._parts.append(f"{' ' * head}{inner}{' ' * tail}" if inner else " ")

    def end_line(self) -> None:
        self._parts.append("\n")

    def open_link(self, target: str | None) -> None:
        self._open.append((len(self._parts), leads(target)))

    def close_link(self) -> None:
        if self._open:
            self._link(*self._open.pop())

    def take(self) -> str:
        """What was written since the last time; a link that is open goes on."""
        for start, target in reversed(self._open):
            self._link(start, target)
        lines = map(one_line, "".join(self._parts).split("\n"))
        self._parts.clear()
        self._open = [(0, target) for _, target in self._open]
        return "\n".join(line for line in lines if line)

    def _link(self, start: int, target: str) -> None:
        """White space at its ends is not its own, so that it can be collapsed."""
        words = "".join(self._parts[start:])
        head, tail = words[:1].isspace(), words[-1:].isspace()
        self._parts[start:] = [" " * head, linked(words.strip(), target), " " * tail]


@dataclass
class Writer:
    """Holds the list that is being written until something else comes."""

    draft: Draft
    page: int | None = None
    _items: list[str] = field(default_factory=list)
    _items_page: int | None = None

    def heading(self, text: str, level: int) -> None:
        self.end_list()
        self.draft.heading(text, level, self.page)

    def paragraph(self, text: str) -> None:
        self.end_list()
        self.draft.add("paragraph", text, self.page)

    def item(self, text: str, depth: int = 0, mark: str = "-") -> None:
        """Depth 0 is the outermost; without a mark it goes on with the item before."""
        if not text:
            return
        if not self._items:
            if not mark:
                self.paragraph(text)
                return
            self._items_page = self.page
        indent = "  " * min(depth, _DEEPEST_ITEM)
        self._items.append(f"{indent}{mark or ' '} {one_line(text)}")

    def code(self, text: str) -> None:
        self.end_list()
        self.draft.add("code", clean(text), self.page)

    def table(self, rows: Sequence[Sequence[str]], *, headed: bool | None = None) -> None:
        """`headed`: the first row names the columns; None: tell by what it says."""
        self.end_list()
        if headed is None:
            headed = names_columns([[one_line(unlinked(cell)) for cell in row] for row in rows])
        self.draft.rows(rows, self.page, headed=headed and len(rows) > 1)

    def end_list(self) -> None:
        if self._items:
            self.draft.add("list", "\n".join(self._items), self._items_page)
            self._items.clear()


def leads(target: str | None) -> str:
    """The target if it leads out of the document."""
    kept = clean(target or "").strip()
    nowhere = len(kept) > _LONGEST_TARGET or kept.lower().startswith(_NOWHERE)
    return "" if nowhere else kept
