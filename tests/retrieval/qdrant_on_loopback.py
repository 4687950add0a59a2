"""Qdrant's HTTP API on loopback, over the client's own local mode, remembering each request.

Speaks the routes that the server adapter uses, with the client's own wire models, so that
what goes over the wire is real: paths, JSON, status codes.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models

_DONE = {"operation_id": 0, "status": "completed"}


class QdrantOnLoopback:
    def __init__(self) -> None:
        self.requests: list[str] = []  # "POST /collections/…"
        self.last: Any = None  # the body of the last one
        self.fails_with: int | None = None  # every request, with this status
        self.fails_after: int | None = None  # requests
        self.url = ""
        self._local = QdrantClient(":memory:", force_disable_check_same_thread=True)
        self._lock = Lock()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, object]:
        self.requests.append(f"{method} {path}")
        self.last = body
        if self.fails_after is not None:
            self.fails_after -= 1
        if self.fails_with is not None or (self.fails_after is not None and self.fails_after < 0):
            return self.fails_with or 503, {"status": {"error": "as told"}}
        name, _, action = path.removeprefix("/collections").lstrip("/").partition("/")
        try:
            with self._lock:
                return 200, {
                    "status": "ok",
                    "time": 0,
                    "result": self._do(method, name, action, body),
                }
        except ValueError as error:
            return (404 if "not found" in str(error) else 400), {"status": {"error": str(error)}}

    def _do(self, method: str, name: str, action: str, body: Any) -> object:
        local = self._local
        routes: dict[str, Callable[[], object]] = {
            "GET exists": lambda: {"exists": local.collection_exists(name)},
            "PUT index": lambda: _DONE,
            "POST points/batch": lambda: self._update(name, models.UpdateOperations(**body)),
            "POST points/query/batch": lambda: local.query_batch_points(
                name, requests=models.QueryRequestBatch(**body).searches
            ),
            "POST points": lambda: self._retrieve(name, models.PointRequest(**body)),
            "POST points/scroll": lambda: self._scroll(name, models.ScrollRequest(**body)),
            "POST points/count": lambda: local.count(
                name, count_filter=models.CountRequest(**body).filter
            ),
            "GET ": lambda: (
                local.get_aliases() if name == "aliases" else local.get_collection(name)
            ),
            "POST ": lambda: local.update_collection_aliases(
                models.ChangeAliasesOperation(**body).actions
            ),
            "PUT ": lambda: self._create(name, models.CreateCollection(**body)),
            "DELETE ": lambda: local.delete_collection(name),
        }
        return routes[f"{method} {action}"]()

    def _create(self, name: str, wanted: models.CreateCollection) -> bool:
        return self._local.create_collection(
            name,
            vectors_config=wanted.vectors,
            sparse_vectors_config=wanted.sparse_vectors,
            metadata=wanted.metadata,
        )

    def _update(self, name: str, wanted: models.UpdateOperations) -> object:
        self._local.batch_update_points(name, update_operations=wanted.operations)
        return [_DONE for _ in wanted.operations]

    def _retrieve(self, name: str, wanted: models.PointRequest) -> object:
        payload = True if wanted.with_payload is None else wanted.with_payload
        return self._local.retrieve(
            name, wanted.ids, with_payload=payload, with_vectors=wanted.with_vector or False
        )

    def _scroll(self, name: str, wanted: models.ScrollRequest) -> object:
        points, following = self._local.scroll(
            name,
            scroll_filter=wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=True if wanted.with_payload is None else wanted.with_payload,
            with_vectors=wanted.with_vector or False,
        )
        return {"points": points, "next_page_offset": following}


@contextmanager
def running() -> Iterator[QdrantOnLoopback]:
    qdrant = QdrantOnLoopback()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "null")
            status, said = qdrant.answer(self.command, self.path.partition("?")[0], body)
            data = TypeAdapter(object).dump_json(said)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        qdrant.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield qdrant
        finally:
            server.shutdown()
            thread.join()
