"""The shortest JSON value that fits a schema: what a model answers when no words are scripted."""

import json
from dataclasses import replace
from typing import Any

from tests.provider.script import DEFAULT, Reply

Json = dict[str, Any]

_EMPTY = {"string": "", "integer": 0, "number": 0, "boolean": False, "null": None, "array": []}


def fitted(reply: Reply, schema: Json | None) -> Reply:
    """Without words of the script, an answer fits the schema that it was asked for in."""
    if schema is None or reply.calls or reply.text != DEFAULT:
        return reply
    return replace(reply, text=json.dumps(fitting(schema)))


def fitting(schema: Json, root: Json | None = None) -> object:
    root = root or schema
    if "$ref" in schema:
        return fitting(_found(root, schema["$ref"]), root)
    if "anyOf" in schema:  # the last: null, where there is one, so that trees end
        return fitting(schema["anyOf"][-1], root)
    if choices := [schema["const"]] if "const" in schema else schema.get("enum"):
        return choices[0]
    kind = schema.get("type", "object")
    kind = kind[-1] if isinstance(kind, list) else kind
    if kind == "array":
        return [fitting(schema["items"], root)] * schema.get("minItems", 0)
    if kind != "object":
        return schema.get("minimum", _EMPTY[kind])
    return {name: fitting(each, root) for name, each in schema.get("properties", {}).items()}


def _found(root: Json, reference: str) -> Json:
    found = root
    for step in reference.removeprefix("#").split("/")[1:]:
        found = found[step]
    return found
