"""The OpenAPI document with an example of every request and answer: `examples.json`.

They are real ones, shortened; `python -m tests.api.examples` writes them anew.
"""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

_JSON = "application/json"

Document = dict[str, Any]  # as JSON has it


def with_examples(app: FastAPI) -> Callable[[], Document]:
    """What is to be the app's `openapi`."""
    plain = app.openapi

    def openapi() -> Document:
        document = plain()
        for path, methods in document["paths"].items():
            for method, said in methods.items():
                _add(said, _examples().get(f"{method.upper()} {path}", {}))
        return document

    return openapi


def _add(said: Document, example: Document) -> None:
    wanted = {"request": said.get("requestBody", {}), **said["responses"]}
    for name, value in example.items():
        for kind, content in wanted.get(name, {}).get("content", {}).items():
            if kind == _JSON or isinstance(value, str):
                content["example"] = value


@cache
def _examples() -> dict[str, Document]:
    found: dict[str, Document] = json.loads(
        files("api").joinpath("examples.json").read_text("utf-8")
    )
    return found
