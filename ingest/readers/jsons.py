"""JSON and lines of JSON: records stay whole, each under the path that leads to it.

A list of like objects becomes the rows of a table that name their fields; an object, its fields
one a line under the names above them. What is damaged is refused; of JSON Lines only the lines
that are.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from domain.errors import ParseFailed
from ingest.decode import decode
from ingest.draft import Draft, one_line

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]

_DEEPEST = 100
_SECTIONS = 3  # levels of objects that become sections
_SHORT = 160  # letters of a value that stands in one line with others
_RECORD = 4000  # letters of a record that is kept whole
_TITLES = ("title", "name", "heading", "subject", "label")
_TEXTS = ("text", "content", "body", "contents", "abstract", "description")


def read_json(data: bytes) -> Draft:
    draft = Draft()
    value = _loaded(decode(data), "It is not JSON")
    if isinstance(value, dict):
        draft.title = _title(value)
    _add(draft, value, 1)
    return draft


def read_jsonl(data: bytes) -> Draft:
    """A line is a record; one with a text of its own is a section under its title."""
    draft, broken, read = Draft(), 0, 0
    for line in decode(data).split("\n"):
        if not line.strip():
            continue
        try:
            value = _loaded(line, "Its lines are not JSON")
        except ParseFailed:
            broken += 1
            continue
        read += 1
        draft.leave()
        _record(draft, value, 1)
    if broken > read:
        raise ParseFailed(f"{broken} of its {broken + read} lines are not JSON.", kind="corrupt")
    return draft


def _loaded(text: str, failure: str) -> Value:
    try:
        # numbers stay as they are written, however long
        value: Value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError as error:
        raise ParseFailed(f"{failure}: {error}.", kind="corrupt") from error
    except RecursionError as error:
        raise ParseFailed("Its values are nested too deeply.", kind="too_deep") from error
    if _depth(value) > _DEEPEST:
        raise ParseFailed(
            f"Its values are nested more than {_DEEPEST} levels deep.", kind="too_deep"
        )
    return value


def _depth(value: Value) -> int:
    level, deep = [value], 0
    while level and deep <= _DEEPEST:
        level = [v for outer in level for v in _inner(outer) if isinstance(v, list | dict)]
        deep += 1
    return deep


def _inner(value: Value) -> Iterable[Value]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _add(draft: Draft, value: Value, level: int) -> None:
    if isinstance(value, dict):
        _object(draft, value, level)
    elif isinstance(value, list):
        _list(draft, value, level)
    else:
        draft.paragraphs(_word(value))


def _object(draft: Draft, value: dict[str, Value], level: int) -> None:
    """What is short stands together; what is long is a section of its own."""
    lines: list[str] = []
    for key, inner in value.items():
        if level > _SECTIONS or _is_short(inner):
            lines.extend(_pairs(key, inner))
            continue
        draft.add("paragraph", "\n".join(lines))
        lines.clear()
        draft.heading(key, level)
        _add(draft, inner, level + 1)
        draft.leave(level)
    draft.add("paragraph", "\n".join(lines))


def _list(draft: Draft, values: list[Value], level: int) -> None:
    if all(isinstance(value, dict) and _is_flat(value) for value in values):
        draft.rows(
            [f"{key}: {_word(inner)}" for key, inner in value.items() if _word(inner)]
            for value in values
            if isinstance(value, dict)
        )
    elif any(isinstance(value, dict | list) for value in values):
        for value in values:
            _record(draft, value, level)
    else:
        draft.items(_word(value) for value in values)


def _record(draft: Draft, value: Value, level: int) -> None:
    """One of many: whole if it is not too long, else with sections of its own."""
    if not isinstance(value, dict):
        _add(draft, value, level)
        return
    title, text = _title(value), next((k for k in _TEXTS if isinstance(value.get(k), str)), "")
    if title and text:
        _page(draft, value, title, text, level)
        return
    whole = "\n".join(line for key, inner in value.items() for line in _pairs(key, inner))
    if len(whole) <= _RECORD or level > _SECTIONS:
        draft.add("paragraph", whole)
    else:
        _object(draft, value, level)


def _page(draft: Draft, value: dict[str, Value], title: str, text: str, level: int) -> None:
    """A document among others: its title, its text, and what else is said of it."""
    draft.heading(title, level)
    draft.paragraphs(_word(value[text]))
    rest = {k: inner for k, inner in value.items() if k != text and inner != title}
    draft.add("paragraph", "\n".join(line for k in rest for line in _pairs(k, rest[k])))
    draft.leave(level)


def _pairs(path: str, value: Value) -> Iterator[str]:
    """`a.b: value`, a line each, from the inside of a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _pairs(f"{path}.{key}", inner)
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for i, inner in enumerate(value):
            yield from _pairs(f"{path}[{i}]", inner)
    elif isinstance(value, list):
        if value:
            yield f"{path}: {', '.join(map(_word, value))}"
    elif word := _word(value):
        yield f"{path}: {word}"


def _is_short(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) <= _SHORT
    return not isinstance(value, list | dict)


def _is_flat(value: dict[str, Value]) -> bool:
    return not any(
        isinstance(inner, list | dict) or (isinstance(inner, str) and len(inner) > _SHORT)
        for inner in islice(value.values(), 50)
    )


def _title(value: dict[str, Value]) -> str:
    titles = (value.get(key) for key in _TITLES)
    return next((one_line(t) for t in titles if isinstance(t, str) and len(t) <= _SHORT), "")


def _word(value: Value) -> str:
    if value is None:
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value).strip()
