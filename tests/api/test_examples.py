"""Every operation of the OpenAPI document has examples, and they are what it describes."""

from typing import Any

import httpx2
import jsonschema
import pytest

_JSON = "application/json"


@pytest.fixture(scope="module")
def document(service: httpx2.Client) -> Any:
    return service.get("/openapi.json").json()


def test_every_body_and_every_answer_has_an_example(document: Any) -> None:
    lacking = [name for name, content in _contents(document) if "example" not in content]
    assert not lacking, "run `python -m tests.api.examples`"


def test_examples_are_as_their_schemas_say(document: Any) -> None:
    for name, content in _contents(document):
        schema = {**content["schema"], "components": document["components"]}
        try:
            jsonschema.validate(content["example"], schema)
        except jsonschema.ValidationError as error:
            pytest.fail(f"{name}: {error.message}")


def _contents(document: Any) -> list[tuple[str, Any]]:
    """Of JSON, of requests and of what they are meant to get."""
    found = []
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            bodies = {"request": said.get("requestBody", {})}
            bodies |= {code: r for code, r in said["responses"].items() if code.startswith("2")}
            for name, body in bodies.items():
                if _JSON in body.get("content", {}):
                    found.append((f"{method} {path} {name}", body["content"][_JSON]))
    return found
