"""A caller's JSON schema as a strict one: every object closed, every property required.

What may be missing becomes null. What strict mode does not enforce is left out and checked when
the answer is read; what it cannot express at all is named. Knows no model and no SDK.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.errors import InvalidInput

Json = Mapping[str, Any]

# Of strict mode: OpenAI's, which is the narrowest that is written down.
_KEPT = frozenset(
    """
    type enum const description pattern format minimum maximum exclusiveMinimum exclusiveMaximum
    multipleOf minItems maxItems
    """.split()
)
_FORMATS = frozenset(
    "date-time time date duration email hostname ipv4 ipv6 uuid".split(),
)
_IMPOSSIBLE = {
    "not": "a negation",
    "if": "a condition",
    "patternProperties": "properties by pattern",
    "propertyNames": "names by rule",
    "dependentRequired": "dependent properties",
    "dependentSchemas": "dependent properties",
    "unevaluatedProperties": "unevaluated properties",
    "prefixItems": "a tuple",
    "$dynamicRef": "a dynamic reference",
}
_NULL = {"type": "null"}
_TYPES = {
    str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null",
    dict: "object", list: "array",
}  # fmt: skip


def strict(schema: Json) -> dict[str, Any]:
    """Named in one message: all that it cannot express, and where."""
    walk = _Walk(schema)
    made = walk.root()
    if walk.problems:
        raise InvalidInput(
            f"The schema cannot be kept to strictly: {'; '.join(walk.problems)}. Change these.",
            field="schema",
        )
    return made


def without_unset(value: Any, schema: Json, root: Json | None = None) -> Any:
    """A null that stands for a property which may be missing, and may not be null, is missing."""
    root = schema if root is None else root
    if isinstance(value, list):
        items = [inner for s in _branches(schema, root) if (inner := s.get("items"))]
        return [without_unset(one, items[0], root) for one in value] if items else value
    if not isinstance(value, dict):
        return value
    shapes = [s for s in _branches(schema, root) if value.keys() <= s.get("properties", {}).keys()]
    if not shapes:
        return value
    properties = shapes[0]["properties"]
    return {
        name: without_unset(one, properties[name], root)
        for name, one in value.items()
        if one is not None
        or name in shapes[0].get("required", ())
        or _admits_null(properties[name], root)
    }


def found(reference: str, root: Json) -> Json | None:
    """What a reference inside of the schema leads to."""
    at: Any = root
    if reference != "#" and not reference.startswith("#/"):
        return None
    for step in reference.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or name not in at:
            return None
        at = at[name]
    return at if isinstance(at, Mapping) else None


def _values(schema: Json) -> list[Any]:
    """Those of which it takes one."""
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _branches(schema: Json, root: Json, seen: tuple[str, ...] = ()) -> Iterator[Json]:
    """What a value may be, references followed."""
    reference = schema.get("$ref")
    if reference is not None:
        target = found(reference, root)
        if target is not None and reference not in seen:
            yield from _branches(target, root, (*seen, reference))
    choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    for choice in choices:
        yield from _branches(choice, root, seen)
    if reference is None and not choices:
        yield schema


def _admits_null(schema: Json, root: Json) -> bool:
    return any(
        branch.get("type") == "null"
        or (isinstance(branch.get("type"), list) and "null" in branch["type"])
        or None in branch.get("enum", ())
        or not {"type", "enum", "const"} & branch.keys()
        for branch in _branches(schema, root)
    )


@dataclass
class _Walk:
    """Goes through a schema once, and notes what cannot be said."""

    schema: Json
    problems: list[str] = field(default_factory=list)

    def root(self) -> dict[str, Any]:
        top, seen = self.schema, set[str]()
        while (reference := top.get("$ref")) and reference not in seen:  # a model in itself
            seen.add(reference)
            top = found(reference, self.schema) or {}
        if top.get("type", "object" if "properties" in top else None) != "object":
            self.problems.append("the root is not an object")
            return {}
        made = self._walked(top, "")
        for key in ("$defs", "definitions"):
            if defs := self.schema.get(key):
                made[key] = {name: self._walked(s, f"{key}.{name}") for name, s in defs.items()}
        return made

    def _walked(self, schema: Any, path: str) -> dict[str, Any]:
        if not isinstance(schema, Mapping) or not schema:
            self._cannot(path, "anything at all")
            return {}
        for keyword in sorted(_IMPOSSIBLE.keys() & schema.keys()):
            self._cannot(path, _IMPOSSIBLE[keyword])
        made = {key: value for key, value in schema.items() if key in _KEPT}
        if made.get("format") not in _FORMATS:
            made.pop("format", None)
        if "type" not in made and (values := _values(schema)):
            made["type"] = sorted({_TYPES[type(value)] for value in values})
        made |= self._choices(schema, path)
        kinds = schema.get("type", ())
        kinds = {kinds} if isinstance(kinds, str) else set(kinds)
        if "object" in kinds or "properties" in schema:
            made |= self._object(schema, path)
        if "array" in kinds:
            made["items"] = self._walked(schema.get("items"), f"{path}[]")
        if not {"type", "enum", "const", "anyOf", "$ref"} & made.keys():
            self._cannot(path, "a value of any type")
        return made

    def _choices(self, schema: Json, path: str) -> dict[str, Any]:
        """References, unions, and what is wrapped in them."""
        reference = schema.get("$ref")
        if reference is not None:
            if found(reference, self.schema) is None:
                self._cannot(path, f"a reference to '{reference}', which is not in it")
            alone = {"$ref": reference}  # a reference has nothing beside it
            return {"anyOf": [alone]} if "description" in schema else alone
        if "allOf" in schema:
            if len(schema["allOf"]) == 1:
                return self._walked(schema["allOf"][0], path)
            self._cannot(path, "several schemas at once (allOf)")
        choices = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        return {"anyOf": [self._walked(c, path) for c in choices]} if choices else {}

    def _object(self, schema: Json, path: str) -> dict[str, Any]:
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties", False)
        if isinstance(more, Mapping) or (more is True and not properties):
            self._cannot(path, "an object with any names")
        required = schema.get("required", ())
        made = {
            name: self._property(inner, f"{path}.{name}".lstrip("."), name in required)
            for name, inner in properties.items()
        }
        return {
            "type": schema.get("type", "object"),
            "properties": made,
            "required": list(made),
            "additionalProperties": False,
        }

    def _property(self, schema: Any, path: str, required: bool) -> dict[str, Any]:  # noqa: FBT001 - one of two, said by its name
        made = self._walked(schema, path)
        if required or (isinstance(schema, Mapping) and _admits_null(schema, self.schema)):
            return made
        choices: Iterable[Any] = made["anyOf"] if made.keys() == {"anyOf"} else [made]
        return {"anyOf": [*choices, _NULL]}

    def _cannot(self, path: str, what: str) -> None:
        self.problems.append(f"{path or 'the root'} is {what}")
