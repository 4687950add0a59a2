"""Notebooks: prose as Markdown, code whole, what it printed in short."""

import json

import pytest

from domain.errors import ParseFailed
from tests.ingest.reading import path_of, read, texts


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "cells": list(cells)})


CODE: dict[str, object] = {
    "cell_type": "code",
    "source": ["def f():\n", "    return 1\n"],
    "outputs": [
        {"output_type": "stream", "text": ["hello\n", "world\n"]},
        {"output_type": "display_data", "data": {"image/png": "aGk=", "text/plain": "<Figure>"}},
        {"output_type": "execute_result", "data": {"text/plain": ["42"]}},
    ],
}
PARSED = read(
    "a.ipynb",
    notebook({"cell_type": "markdown", "source": "# Pumps\n\nSee [it](x.md)."}, CODE),
)


def test_a_markdown_cell_is_markdown() -> None:
    assert PARSED.title == "Pumps"
    assert [link.target for link in PARSED.links] == ["x.md"]


def test_code_lies_under_the_heading_above_it() -> None:
    assert path_of(PARSED, "return 1") == ("Pumps",)


def test_code_and_what_it_printed_are_blocks_of_their_own() -> None:
    assert texts(PARSED, "code") == ["def f():\n    return 1", "hello\nworld\n<Figure>\n42"]


def test_a_picture_is_no_text() -> None:
    assert "aGk" not in PARSED.text


def test_long_output_is_cut() -> None:
    cell = CODE | {"outputs": [{"output_type": "stream", "text": "x" * 10_000}]}
    assert len(read("a.ipynb", notebook(cell)).text) < 3000


def test_the_third_version_of_the_format_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "x = 1"},
    ]
    parsed = read("a.ipynb", json.dumps({"worksheets": [{"cells": cells}]}))
    assert path_of(parsed, "x = 1") == ("Old",)


@pytest.mark.parametrize("data", ["{", "[]", "{}", '{"cells": [{"source": 5}]}'])
def test_what_is_no_notebook_is_refused(data: str) -> None:
    with pytest.raises(ParseFailed, match="not a notebook") as failed:
        read("a.ipynb", data)
    assert failed.value.kind == "corrupt"
