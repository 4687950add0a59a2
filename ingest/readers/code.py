"""Source code by its units: a function, a class, its methods; each under the names that hold it.

The commonest languages are parsed (`syntax.py`). Others are read by what they share: a definition
begins a line, and its body is indented deeper than that line. Every line is kept, with its
indentation; comments above a definition belong to it.
"""

import re
from functools import partial

from ingest.decode import decode
from ingest.draft import Draft
from ingest.readers.syntax import Unit, units

_WORDS = (
    r"(?:export\s+|default\s+|public\s+|private\s+|protected\s+|internal\s+|static\s+|abstract\s+"
    r"|final\s+|sealed\s+|partial\s+|async\s+|override\s+|virtual\s+|inline\s+|extern\s+"
    r"|pub(?:\([\w: ]+\))?\s+|unsafe\s+|const\s+|data\s+|open\s+|local\s+|suspend\s+|constexpr\s+)*"
)
_HOLDS = (
    r"class|interface|struct|enum|trait|impl|module|mod|namespace|object|record|protocol|extension"
    r"|union|contract|defmodule|type"
)
_RUNS = r"function\*?|func|fun|fn|def|defp|sub|proc|procedure|macro"
_NAMED = re.compile(
    rf"\s*{_WORDS}(?:(?P<holds>{_HOLDS})\b(?!\s*[=:.,;()])|(?P<runs>{_RUNS})\b)"
    r"\s*(?:<[^>\n]*>\s*)?(?:\([^()\n]*\)\s*)?(?P<name>[A-Za-z_$][\w$.:!?]*)"
)
_SQL = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:\w+\s+)?(?:table|view|function|procedure|trigger|index|type)\s+"
    r"(?:if\s+not\s+exists\s+)?(?P<name>[\w.\"`\[\]]+)",
    re.IGNORECASE,
)
_ARROW = re.compile(
    rf"\s*{_WORDS}(?:let|var|const)?\s*(?P<name>[\w$]+)\s*(?::[^=\n]+)?=\s*(?:async\s*)?(?:function\b|\([^()\n]*\)\s*(?::[^=\n]+)?=>|\w+\s*=>)"
)
# A type, a name, parameters: C's functions and the methods of its relatives, if a body follows.
_CALLED = re.compile(
    r"[ \t]*(?:[\w$<>\[\],:&*~?@.]+[ \t]+)*[*&]*(?P<name>[~#]?[\w$]+(?:::~?\w+)*)[ \t]*"
    r"(?:<[^()\n]*>)?\([^;={}'\"`\n]{0,400}(?:\{.*)?$"
)
_BODY = re.compile(r"[{;]")
_SIGNATURE = 10  # lines
_STATEMENT = re.compile(
    r"\s*(?:if|else|for|foreach|while|switch|catch|return|do|try|with|using|lock|new|throw|case"
    r"|elif|elsif|unless|until|when|match|loop|assert|print|echo|in|and|or|not|await|yield|delete"
    r"|sizeof|typedef|import|from|require|include)\b"
)
_ABOVE = re.compile(r"\s*(?://|#|/?\*|--|;|%|@\w|\[\w|<!--|template\s*<)")
_CLOSES = re.compile(
    r"\s*(?:[{})\]>]|end\b|else\b|catch\b|finally\b|rescue\b|ensure\b|do\b|begin\b|then\b|is$|as$|\$\$"
    r"|(?:public|private|protected)\s*:)"
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)*\n")
_QUOTES = ('"""', "'''")
_LONGEST = 500  # letters of a line that is looked at
_DEEPEST = 4


def read_code(data: bytes) -> Draft:
    text = decode(data)
    return _drafted(text, _indented(text.split("\n")))


def _parsed(language: str, data: bytes) -> Draft:
    text = decode(data)
    lines, found = text.split("\n"), units(language, text)
    _take_comments(lines, found, 0)
    return _drafted(text, found or _indented(lines))


read_c = partial(_parsed, "c")
read_cpp = partial(_parsed, "cpp")
read_csharp = partial(_parsed, "csharp")
read_go = partial(_parsed, "go")
read_java = partial(_parsed, "java")
read_javascript = partial(_parsed, "javascript")
read_php = partial(_parsed, "php")
read_python = partial(_parsed, "python")
read_ruby = partial(_parsed, "ruby")
read_rust = partial(_parsed, "rust")
read_tsx = partial(_parsed, "tsx")
read_typescript = partial(_parsed, "typescript")


def _drafted(text: str, units: list[Unit]) -> Draft:
    draft, lines = Draft(), text.split("\n")
    _add(draft, lines, Unit("", 0, len(lines), units), 1)
    return draft


def _add(draft: Draft, lines: list[str], unit: Unit, level: int) -> None:
    """What lies before, between and behind the inner units is the unit's own."""
    at = unit.start
    for inner in unit.inner:
        _stretch(draft, lines[at : inner.start], whole=bool(unit.name))
        draft.enter(inner.name, level)
        _add(draft, lines, inner, level + 1)
        draft.leave(level)
        at = inner.end
    _stretch(draft, lines[at : unit.end], whole=bool(unit.name))


def _stretch(draft: Draft, lines: list[str], *, whole: bool) -> None:
    """A unit stays whole; between units, blank lines part what does not belong together."""
    text = "\n".join(lines)
    for stretch in [text] if whole else _BLANK_LINES.split(text):
        draft.add("code", stretch)


def _take_comments(lines: list[str], of: list[Unit], floor: int) -> None:
    for unit in of:
        start = unit.start
        unit.start = _lines_above(lines, start, floor)
        _take_comments(lines, unit.inner, start + 1)
        floor = unit.end


def _indented(lines: list[str]) -> list[Unit]:
    """Definitions, each to the last line that is indented deeper, and the one that closes it."""
    top: list[Unit] = []
    quoted = _quoted(lines)
    open_: list[tuple[int, bool, Unit]] = []  # indentation, whether it holds others, the unit
    for number, line in enumerate(lines):
        if not line.strip() or number in quoted:
            continue
        indent = _indent(line)
        while open_ and not _belongs(line, indent, open_[-1][0]):
            open_.pop()
        for _, _, unit in open_:
            unit.end = number + 1
        found = _definition(line) or _called(lines, number, open_)
        if found and (not open_ or (open_[-1][1] and len(open_) < _DEEPEST)):
            name, holds = found
            unit = Unit(name, _above(lines, number, open_, top), number + 1)
            (open_[-1][2].inner if open_ else top).append(unit)
            open_.append((indent, holds, unit))
    return top


def _quoted(lines: list[str]) -> frozenset[int]:
    """The lines inside comments and texts of several lines, behind their first."""
    found, closing = set(), ""
    for number, line in enumerate(lines):
        if closing:
            found.add(number)
            closing = "" if closing in line else closing
        elif line.rfind("/*") > line.rfind("*/"):
            closing = "*/"
        else:
            closing = next((mark for mark in _QUOTES if line.count(mark) % 2), "")
    return frozenset(found)


def _indent(line: str) -> int:
    before = line[: len(line) - len(line.lstrip())]
    return len(before.expandtabs(4))


def _belongs(line: str, indent: int, to: int) -> bool:
    return indent > to or (indent == to and _CLOSES.match(line) is not None)


def _definition(line: str) -> tuple[str, bool] | None:
    """The name that is defined here, and whether others may be defined inside."""
    line = line[:_LONGEST]
    if _STATEMENT.match(line):
        return None
    if found := _NAMED.match(line):
        return found["name"].rstrip(".:"), found["holds"] is not None
    if not line[0].isspace() and (found := _SQL.match(line)):
        return found["name"], False
    if found := _ARROW.match(line):
        return found["name"], False
    return None


def _called(
    lines: list[str], number: int, open_: list[tuple[int, bool, Unit]]
) -> tuple[str, bool] | None:
    line = lines[number][:_LONGEST]
    if (not open_ and line[0].isspace()) or _STATEMENT.match(line):
        return None
    found = _CALLED.match(line)
    return (found["name"], False) if found and _has_body(lines, number) else None


def _has_body(lines: list[str], number: int) -> bool:
    """A brace comes before the statement ends."""
    for line in lines[number : number + _SIGNATURE]:
        if not line.strip():
            return False
        if mark := _BODY.search(line[:_LONGEST]):
            return mark[0] == "{"
    return False


def _above(
    lines: list[str], number: int, open_: list[tuple[int, bool, Unit]], top: list[Unit]
) -> int:
    """Where the comments begin that stand right above a line, not above its neighbours."""
    before = open_[-1][2].inner if open_ else top
    return _lines_above(
        lines, number, before[-1].end if before else open_[-1][2].start + 1 if open_ else 0
    )


def _lines_above(lines: list[str], number: int, floor: int) -> int:
    while number > floor and _ABOVE.match(lines[number - 1]):
        number -= 1
    return number
