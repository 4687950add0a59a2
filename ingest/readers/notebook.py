"""Jupyter notebooks: Markdown cells as Markdown, code cells whole, what they printed in short.

Pictures, widgets and the state of the kernel are left out.
"""

import json
from collections.abc import Iterator

from domain.errors import ParseFailed
from ingest.decode import clean, decode
from ingest.draft import Draft
from ingest.readers.markdown import add_markdown

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Cell = dict[str, Value]

_MOST_OUTPUT = 2000  # letters of what a cell printed
_PLAIN = ("text/markdown", "text/plain")


def read_notebook(data: bytes) -> Draft:
    draft = Draft()
    for cell in _cells(_loaded(data)):
        kind, written = cell.get("cell_type"), cell.get("source", cell.get("input", ""))
        if not isinstance(written, str | list):
            raise ParseFailed("It is not a notebook: a cell has no source.", kind="corrupt")
        source = _text(written)
        if kind == "markdown":
            add_markdown(draft, source)
        elif kind == "heading":  # of the third version of the format
            level = cell.get("level")
            draft.heading(source, level if isinstance(level, int) else 1)
        elif kind == "code":
            draft.add("code", source)
            draft.add("code", "\n".join(_printed(cell))[:_MOST_OUTPUT])
        else:
            draft.paragraphs(source)
    return draft


def _loaded(data: bytes) -> Cell:
    try:
        notebook: Value = json.loads(decode(data))
    except ValueError as error:
        raise ParseFailed(f"It is not a notebook: {error}.", kind="corrupt") from error
    if not isinstance(notebook, dict) or not isinstance(
        notebook.get("cells", notebook.get("worksheets")), list
    ):
        raise ParseFailed("It is not a notebook: it has no cells.", kind="corrupt")
    return notebook


def _cells(notebook: Cell) -> list[Cell]:
    sheets = [notebook, *_dicts(notebook.get("worksheets"))]
    return [cell for sheet in sheets for cell in _dicts(sheet.get("cells"))]


def _printed(cell: Cell) -> Iterator[str]:
    for output in _dicts(cell.get("outputs")):
        data = output.get("data")
        shown = data if isinstance(data, dict) else output
        text = next((shown[kind] for kind in (*_PLAIN, "text") if kind in shown), None)
        if text := _text(text).rstrip():
            yield text


def _dicts(value: Value) -> list[Cell]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Value) -> str:
    """A string, or its lines."""
    lines = value if isinstance(value, list) else [value]
    return clean("".join(line for line in lines if isinstance(line, str)))
