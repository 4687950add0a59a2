"""Writes `api/examples.json` anew, from a service over the handbook: `-m tests.api.examples`."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import httpx2

from tests.service import HANDBOOK, forebay, running

WHERE = Path(__file__).parent.parent.parent / "api" / "examples.json"
_LONG = 160  # characters
_MANY = 2
_KEY = "of-the-default-tenant"

QUESTION = "How long are backups kept?"
ASKED = [{"role": "user", "content": QUESTION}]
BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/search": {"question": QUESTION, "limit": 3},
    "POST /v1/ask": {"question": QUESTION, "session": "talk"},
    "POST /v1/sessions": {"id": "monday"},
    "POST /v1/chat/completions": {"model": "forebay/default", "messages": ASKED},
    "POST /v1/responses": {"model": "forebay/default", "input": QUESTION},
    "POST /v1/embeddings": {"model": "bge-small-en-v1.5", "input": "a tide"},
    "POST /v1/keys": {"name": "wiki", "scopes": ["ask"]},
}
IDS = {"/v1/sessions": "talk", "/v1/documents": "backups.md", "/v1/models": "forebay/default"}


def shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _LONG:
        return value[:_LONG] + "…"
    if isinstance(value, list):
        return [shortened(one) for one in value[:_MANY]]
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    return value


def collected(client: httpx2.Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """Posts first: they make what is then asked for."""
    document = client.get("/openapi.json").json()
    every = [(m.upper(), p, o) for p, ops in document["paths"].items() for m, o in ops.items()]
    order = {"POST": 0, "PUT": 1, "GET": 2, "DELETE": 3}
    ids = dict(IDS)
    for method, path, said in sorted(every, key=lambda one: order[one[0]]):
        name = f"{method} {path}"
        example: dict[str, Any] = {}
        where = path
        for start, id_ in ids.items():
            if path.startswith(start):
                where = path.replace("{id}", id_).replace("{name}", id_)
        response = sent(client, method, where, BODIES.get(name))
        if name in BODIES:
            example["request"] = BODIES[name]
        if name == "POST /v1/ask":
            later = client.post("/v1/ask", json={"question": QUESTION, "background": True}).json()
            ids["/v1/answers"] = later["id"]
            example["202"] = shortened(later)
            sleep(1)
        if path == "/v1/documents" and method == "POST":
            ids["/v1/jobs"] = response.json()["id"]
        if path == "/v1/keys" and method == "POST":
            ids["/v1/keys"] = response.json()["key"]["name"]
        if "application/json" in said["responses"].get(str(response.status_code), {}).get(
            "content", {}
        ):
            example[str(response.status_code)] = shortened(response.json())
        if example:
            yield name, example


def sent(client: httpx2.Client, method: str, path: str, body: Any) -> httpx2.Response:
    if path == "/v1/documents" and method == "POST":
        return client.post(path, files={"files": ("tides.md", b"# Tides\n\nTwice a day.\n")})
    if method == "PUT":
        return client.put("/v1/documents/tides.md", content=b"# Tides\n\nTwice a day.\n")
    return client.request(method, path, json=body)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        done = forebay("ingest", str(HANDBOOK), data=data)
        assert done.returncode == 0, done.stderr
        with running(data, FOREBAY_API__KEY=_KEY) as client:
            client.headers["Authorization"] = f"Bearer {_KEY}"
            found = dict(sorted(collected(client)))
        shutil.rmtree(data)
    for example in found.values():
        for answer in example.values():
            if isinstance(answer, dict) and "secret" in answer:
                answer["secret"] = f"{answer['secret'][:6]}…"
    written = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    WHERE.write_text(written.replace(str(HANDBOOK), "/srv/handbook"))


if __name__ == "__main__":
    main()
