"""Modules are short, and each says what it is for."""

import ast

from tests.layout.checkout import modules, read

MOST_LINES = 300
LEAST_DOCSTRING = 20
GENERATED = "wiring/state/migrations/versions/"


def test_no_module_has_more_than_300_lines() -> None:
    lengths = {
        str(path): len(read(path).splitlines())
        for path in modules()
        if not str(path).startswith(GENERATED)
    }
    long = {path: lines for path, lines in lengths.items() if lines > MOST_LINES}
    assert not long, f"split at a noun or a verb of the domain: {long}"


def test_every_module_opens_with_what_it_does() -> None:
    silent = [
        str(path)
        for path in modules()
        if (text := read(path)).strip()
        and len(ast.get_docstring(ast.parse(text)) or "") < LEAST_DOCSTRING
    ]
    assert not silent, f"say in a docstring what it does and does not know: {silent}"
