"""A running service, asked over HTTP by a command on the same machine, with the same answers."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import httpx2
from pydantic import BaseModel, ValidationError

from answering.ask import Question, Retrieved
from domain.answers import Answer, SearchResult
from domain.completion import Delta
from domain.errors import CostNotAccepted, ForebayError, InvalidInput, NotFound, Unavailable
from domain.filter_json import filter_to_json
from domain.filters import Filter
from domain.ingestion import IngestReport, IngestRequest, Progress
from wiring.codec import from_json
from wiring.owner import Owner

if TYPE_CHECKING:
    from wiring.doctor import Examination
    from wiring.export import ExportKind

_TIMEOUT = httpx2.Timeout(10, read=None)  # an ingestion may be silent while it embeds
_TENANT_HEADER = "X-Forebay-Tenant"
_ERRORS: dict[int, type[ForebayError]] = {
    402: CostNotAccepted,
    404: NotFound,
    422: InvalidInput,
    503: Unavailable,
}

Body = Mapping[str, object]


class _Problem(BaseModel):
    status: int
    detail: str


class Remote:
    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def search(self, question: Question, config: str = "default") -> SearchResult:
        body = {**_asked(question), "config": config, "explain": question.explain}
        headers = _as(question.tenant)
        response = await self._client.post("/v1/search", json=body, headers=headers)
        if response.is_error:
            raise _error(response.text)
        return from_json(SearchResult, response.content)

    async def stream(self, question: Question) -> AsyncIterator[Retrieved | Delta | Answer]:
        body = {**_asked(question), "session": question.session, "stream": True}
        kinds = {"retrieval": Retrieved, "delta": Delta, "done": Answer}
        async for name, data in self._events("/v1/ask", body, question.tenant):
            yield from_json(kinds[name], data)

    async def ingest(
        self,
        request: IngestRequest,
        *,
        root: str | None = None,
        on_progress: Callable[[Progress], None],
    ) -> IngestReport:
        """Its paths are the service's own: absolute ones."""
        body = {**asdict(request), "root": root}
        del body["tenant"]  # says who asks, as everywhere
        async for name, data in self._events("/v1/local/ingest", body, request.tenant):
            if name == "done":
                return from_json(IngestReport, data)
            on_progress(from_json(Progress, data))
        raise Unavailable("The service ended before the ingestion was done; run it again.")

    async def delete(
        self,
        tenant: str,
        collection: str,
        *,
        sources: Sequence[str] = (),
        where: Filter = (),
        everything: bool = False,
        dry_run: bool = False,
    ) -> IngestReport:
        body = {
            "collection": collection,
            "sources": list(sources),
            "filter": filter_to_json(where),
            "everything": everything,
            "dry_run": dry_run,
        }
        headers = _as(tenant)
        response = await self._client.post("/v1/local/delete", json=body, headers=headers)
        if response.is_error:
            raise _error(response.text)
        return from_json(IngestReport, response.content)

    async def export(
        self, collection: str, tenant: str, kind: "ExportKind"
    ) -> AsyncGenerator[bytes, None]:
        asked = {"collection": collection, "kind": kind}
        async with self._client.stream(
            "GET", "/v1/local/export", params=asked, headers=_as(tenant)
        ) as response:
            if response.is_error:
                raise _error((await response.aread()).decode())
            async for some in response.aiter_bytes():  # one that ends too early is an error here
                yield some

    async def examine(self) -> "Examination":
        from wiring.doctor import Examination

        response = await self._client.get("/v1/local/doctor")
        if response.is_error:
            raise _error(response.text)
        return from_json(Examination, response.content)

    async def _events(self, path: str, body: Body, tenant: str) -> AsyncIterator[tuple[str, str]]:
        async with self._client.stream("POST", path, json=body, headers=_as(tenant)) as response:
            if response.is_error:
                raise _error((await response.aread()).decode())
            async for event in httpx2.EventSource(response, max_event_size=None):
                if event.event == "error":
                    raise _error(event.data)
                yield event.event, event.data


@asynccontextmanager
async def open_remote(owner: Owner) -> AsyncIterator[Remote]:
    assert owner.url is not None
    headers = {"Authorization": f"Bearer {owner.token}"}
    async with httpx2.AsyncClient(
        base_url=owner.url, headers=headers, timeout=_TIMEOUT, trust_env=False
    ) as client:
        try:
            yield Remote(client)
        except httpx2.TransportError as error:
            raise Unavailable(
                f"The service at {owner.url} (process {owner.pid}) holds the data directory "
                f"but does not answer ({error})."
            ) from error


def _asked(question: Question) -> Body:
    return {
        "question": question.text,
        "collection": question.collection,
        "limit": question.limit,
        "filter": filter_to_json(question.where),
    }


def _as(tenant: str) -> dict[str, str]:
    return {_TENANT_HEADER: tenant}


def _error(text: str) -> ForebayError:
    try:
        found = _Problem.model_validate_json(text)
    except ValidationError:
        return Unavailable(f"The service answered something else than expected: {text[:200]!r}")
    return _ERRORS.get(found.status, ForebayError)(found.detail)
