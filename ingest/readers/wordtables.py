"""The rows and cells of a table in a Word document, out of whatever wraps them."""

from collections.abc import Iterator

from lxml import etree

from ingest.readers.archive import local, value

_LONG_CELL = 1500  # letters: a table of such cells only lays out the page


def rows_of(table: etree._Element) -> Iterator[etree._Element]:
    """Without those that were deleted."""
    for part in table:
        name = local(part)
        if name == "tr":
            properties = part.find("{*}trPr")
            if properties is None or properties.find("{*}del") is None:
                yield part
        elif name in {"sdt", "sdtContent", "ins", "customXml"}:
            yield from rows_of(part)


def cells_of(row: etree._Element) -> Iterator[etree._Element]:
    for part in row:
        if local(part) == "tc":
            yield part
        elif local(part) in {"sdt", "sdtContent", "customXml"}:
            yield from cells_of(part)


def continues(cell: etree._Element) -> bool:
    merge = cell.find("{*}tcPr/{*}vMerge")
    return merge is not None and value(merge, "val", "continue") == "continue"


def lays_out(rows: list[etree._Element]) -> bool:
    cells = [list(cells_of(row)) for row in rows]
    if max(map(len, cells), default=0) <= 1:
        return True
    return any(
        sum(len(t.text or "") for t in cell.iter("{*}t")) > _LONG_CELL
        for row in cells
        for cell in row
    )
