"""Names of documents on a screen: harmless, and no longer than there is room.

A name comes from a file system or from a stranger's corpus: it may hold escape sequences,
line breaks, or marks that turn the direction of writing.
"""

from rich.cells import cell_len, set_cell_size

_JOINERS = "\u200c\u200d"  # part of ordinary words in some languages
_MARK = "\ufffd"  # in place of what a terminal might obey
_TAIL = 2 / 3  # of the room: the end of a path says more than its beginning


def harmless(text: str) -> str:
    """One line that a terminal shows and does not obey."""
    return "".join(c if c.isprintable() or c in _JOINERS else _MARK for c in text)


def shortened(text: str, cells: int) -> str:
    """At most so wide, with the middle left out; wide letters take two cells."""
    if cell_len(text) <= cells:
        return text
    room = max(0, cells - 1)
    tail = int(room * _TAIL)
    head = set_cell_size(text, room - tail).rstrip()
    return f"{head}…{set_cell_size(text[::-1], tail)[::-1].lstrip()}"[: max(cells, 0)]
