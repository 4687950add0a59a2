"""Every operation of a service's OpenAPI document, as a request that can be sent.

So a test that goes through all of them meets a new endpoint by itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

Json = dict[str, Any]
_BOUNDARY = "edge"
_SIMPLE: Mapping[str, object] = {
    "string": "a", "integer": 1, "number": 1, "boolean": False, "null": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str  # with its parameters in braces
    said: Json
    schemas: Json

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def scopes(self) -> Sequence[str]:
        """Any of these suffices; none: it is open to all."""
        return [scope for one in self.said.get("security", ()) for scope in one["key"]]

    def takes(self, parameter: str) -> bool:
        """In its query or in its body."""
        named = {p["name"] for p in self.said.get("parameters", ()) if p["in"] == "query"}
        kinds = self.said.get("requestBody", {}).get("content", {}).values()
        bodies = [self._whole(kind["schema"]).get("properties", {}) for kind in kinds]
        return parameter in named.union(*bodies)

    def send(
        self,
        client: httpx2.Client,
        ids: Mapping[str, str] | None = None,
        said: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """`ids` fill the path, `said` goes over the smallest body and query there is."""
        known = {"collection": "handbook", **(ids or {})}
        path = self.path
        for name in [p["name"] for p in self.said.get("parameters", ()) if p["in"] == "path"]:
            path = path.replace(f"{{{name}}}", quote(known.get(name, "none"), safe=""))
        query = {key: str(value) for key, value in (said or {}).items() if self._in_query(key)}
        kind, body = self._body(said or {})
        headers = {**(headers or {}), **({"content-type": kind} if kind else {})}
        return client.request(self.method, path, params=query, content=body, headers=headers)

    def _in_query(self, name: str) -> bool:
        parameters = self.said.get("parameters", ())
        return any(p["name"] == name and p["in"] == "query" for p in parameters)

    def _body(self, said: Mapping[str, object]) -> tuple[str, bytes | None]:
        kinds = self.said.get("requestBody", {}).get("content", {})
        if "application/json" in kinds:
            schema = self._whole(kinds["application/json"]["schema"])
            taken = {k: v for k, v in said.items() if k in schema["properties"]}
            return "application/json", json.dumps(self._smallest(schema) | taken).encode()
        if "application/octet-stream" in kinds:
            return "application/octet-stream", b"Nothing much."
        if "multipart/form-data" in kinds:
            return f"multipart/form-data; boundary={_BOUNDARY}", _form(said)
        return "", None

    def _whole(self, schema: Json) -> Json:
        if "$ref" not in schema:
            return schema
        found: Json = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        return found

    def _smallest(self, schema: Json) -> Any:
        schema = self._whole(schema)
        if "example" in schema or "examples" in schema:
            return schema.get("example", schema.get("examples", [None])[0])
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        for choice in schema.get("anyOf") or schema.get("oneOf") or ():
            return self._smallest(choice)
        if schema.get("type") == "object":
            properties = schema.get("properties", {})
            return {name: self._smallest(properties[name]) for name in schema.get("required", ())}
        if schema.get("type") == "array":
            return [self._smallest(schema["items"])] * schema.get("minItems", 1)
        return _SIMPLE[schema.get("type", "string")]


def operations(client: httpx2.Client) -> list[Operation]:
    document = client.get("/openapi.json").json()
    return list(_read(document))


def _read(document: Json) -> Iterator[Operation]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            yield Operation(method.upper(), path, said, schemas)


def _form(said: Mapping[str, object]) -> bytes:
    parts = ['Content-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nNothing much.']
    if "collection" in said:
        parts.append(
            f'Content-Disposition: form-data; name="collection"\r\n\r\n{said["collection"]}'
        )
    return "".join(f"--{_BOUNDARY}\r\n{one}\r\n" for one in parts).encode() + b"--edge--\r\n"
