"""The reference of the HTTP interface, from the OpenAPI document that a service answers with."""

# ruff: noqa: INP001  these pages are no package

import inspect
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from api.app import create_app
from docs.describe_table import code, table
from wiring.services import open_services
from wiring.settings import Settings

Json = dict[str, Any]  # as OpenAPI has it
_USUAL = frozenset({"401", "403", "422", "429", "4XX", "5XX"})  # said once, at the top
_MOST_WORDS = 8  # of an enumeration in a table


async def http() -> str:
    document = await _document()
    return "\n\n".join([*_endpoints(document), "## Bodies", *_schemas(document)])


async def _document() -> Json:
    with TemporaryDirectory() as folder:
        async with open_services(Settings(data=Path(folder))) as services:
            return create_app(services, None).openapi()


def _endpoints(document: Json) -> Iterator[str]:
    group = ""
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            if said["tags"][0] != group:
                group = said["tags"][0]
                yield f"## {group.capitalize()}"
            yield _endpoint(f"{method.upper()} {path}", said)


def _endpoint(name: str, said: Json) -> str:
    parts = [f"### `{name}`", inspect.cleandoc(said.get("description", "")), _facts(said)]
    if found := said.get("parameters"):
        rows = [_parameter(one) for one in found]
        parts.append(table(("parameter", "in", "takes", "default", "meaning"), rows))
    return "\n\n".join(part for part in parts if part)


def _facts(said: Json) -> str:
    scopes = [scope for one in said.get("security", []) for scope in one.get("key", [])]
    body = " or ".join(
        _body(*one) for one in said.get("requestBody", {}).get("content", {}).items()
    )
    answers = [one for one in said["responses"] if one not in _USUAL]
    facts = (
        f"Scope: {' or '.join(map(code, scopes))}." if scopes else "No key is needed.",
        f"Body: {body}." if body else "",
        f"Answers: {', '.join(answers)}.",
    )
    return " ".join(filter(None, facts))


def _body(media: str, content: Json) -> str:
    name = _referred(content.get("schema", {}))
    return f"[`{name}`](#{name.lower()})" if name else code(media)


def _parameter(one: Json) -> tuple[str, ...]:
    schema = one["schema"]
    takes = code(_takes(schema))
    return code(one["name"]), one["in"], takes, _default(schema), one.get("description", "")


def _schemas(document: Json) -> Iterator[str]:
    """Those of requests, with all that they lead to, in the order in which they come up."""
    schemas = document["components"]["schemas"]
    waiting = list(_requested(document))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in schemas or "properties" not in schemas[name]:
            continue
        seen.add(name)
        yield _schema(name, schemas[name])
        waiting += _names(schemas[name])


def _requested(document: Json) -> Iterator[str]:
    for methods in document["paths"].values():
        for said in methods.values():
            yield from _names(said.get("requestBody", {}))


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if name := _referred(value):
            yield name
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _schema(name: str, schema: Json) -> str:
    needed = schema.get("required", [])
    rows = [
        (code(field), code(_takes(one)), _default(one, needed=field in needed), _says(one))
        for field, one in schema["properties"].items()
    ]
    return f"### {name}\n\n{table(('field', 'takes', 'default', 'meaning'), rows)}"


def _says(schema: Json) -> str:
    inner = (one.get("description", "") for one in schema.get("anyOf", []))
    return str(schema.get("description") or next(filter(None, inner), ""))


def _default(schema: Json, *, needed: bool = False) -> str:
    if needed:
        return "required"
    value = schema.get("default")
    return "" if value in (None, "", [], {}) else code(str(value).lower())


def _takes(schema: Json) -> str:
    """A word or two; limits stand in the OpenAPI document."""
    if name := _referred(schema):
        return name
    if "const" in schema:
        return str(schema["const"])
    if words := schema.get("enum"):
        return ", ".join(map(str, words)) if len(words) <= _MOST_WORDS else "name"
    if several := schema.get("anyOf"):
        kinds = [_takes(one) for one in several if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_takes(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _referred(schema: Json) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
