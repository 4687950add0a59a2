"""A running service, asked over HTTP by a command on the same machine, with the same answers."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from answering.question import Advance, Event, Question, Retrieved
from domain.answers import Answer, Citation, SearchResult
from domain.boost_json import boosts_to_json
from domain.completion import Delta
from domain.errors import CostNotAccepted, ForebayError, InvalidInput, NotFound, Unavailable
from domain.filter_json import filter_to_json
from domain.filters import Filter
from domain.ingestion import IngestReport, IngestRequest, Progress
from wiring.choices import Choices
from wiring.codec import from_json
from wiring.owner import Owner

if TYPE_CHECKING:
    from pathlib import Path

    from wiring.backup import Backup
    from wiring.doctor import Examination
    from wiring.export import ExportKind
    from wiring.pins import Change, Standing
    from wiring.planning import Planned
    from wiring.preview import Preview
    from wiring.warm import Warmed

_TIMEOUT = httpx2.Timeout(10, read=None)  # an ingestion may be silent while it embeds
_TENANT_HEADER = "X-Forebay-Tenant"
_ERRORS: dict[int, type[ForebayError]] = {
    402: CostNotAccepted,
    404: NotFound,
    422: InvalidInput,
    503: Unavailable,
}

Body = Mapping[str, object]
T = TypeVar("T")


class _Problem(BaseModel):
    status: int
    detail: str


class Remote:
    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def search(self, question: Question, config: str, choices: Choices) -> SearchResult:
        body = {**_asked(question, config, choices), "explain": question.explain}
        headers = _as(question.tenant)
        response = await self._client.post("/v1/search", json=body, headers=headers)
        if response.is_error:
            raise _error(response.text)
        return from_json(SearchResult, response.content)

    async def stream(
        self, question: Question, config: str, choices: Choices
    ) -> AsyncIterator[Event]:
        asked = _asked(question, config, choices)
        wished = {
            "tier": question.tier or None,
            "effort": question.effort,
            "strategy": question.strategy,
            "document": question.document,
            "tools": question.tools,
            "accept_cost": question.accept_cost,
            "response_schema": json.loads(question.schema) if question.schema else None,
        }
        body = {**asked, **wished, "session": question.session, "stream": True}
        kinds = {"progress": Advance, "retrieval": Retrieved, "delta": Delta, "citation": Citation}
        kinds["done"] = Answer
        async for name, data in self._events("/v1/ask", body, question.tenant):
            if name in kinds:  # `usage` says what the answer says again
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

    async def preview(self, question: Question) -> "Preview":
        from wiring.preview import Preview

        body = {
            "collection": question.collection,
            "question": question.text,
            "session": question.session,
            "strategy": question.strategy,
            "document": question.document,
        }
        return await self.posted(Preview, "/v1/local/prompt", body, question.tenant)

    @property
    def boundary(self) -> "RemoteBoundary":
        return RemoteBoundary(self)

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

    async def warm(self, tenant: str, collection: str, *, force: bool = False) -> "Warmed":
        from wiring.warm import Warmed

        body = {"collection": collection, "force": force}
        response = await self._client.post("/v1/local/warm", json=body, headers=_as(tenant))
        if response.is_error:
            raise _error(response.text)
        return from_json(Warmed, response.content)

    async def examine(self) -> "Examination":
        from wiring.doctor import Examination

        response = await self._client.get("/v1/local/doctor")
        if response.is_error:
            raise _error(response.text)
        return from_json(Examination, response.content)

    async def posted(self, kind: type[T], path: str, body: Body, tenant: str) -> T:
        response = await self._client.post(path, json=body, headers=_as(tenant))
        if response.is_error:
            raise _error(response.text)
        return from_json(kind, response.content)

    async def back_up(self, folder: "Path") -> "Backup":
        """`folder`: absolute, on the service's own machine."""
        from wiring.backup import Backup

        async for _, data in self._events("/v1/local/backup", {"folder": str(folder)}, ""):
            return from_json(Backup, data)
        raise Unavailable("The service ended before the backup was made; make it again.")

    async def _events(self, path: str, body: Body, tenant: str) -> AsyncIterator[tuple[str, str]]:
        async with self._client.stream("POST", path, json=body, headers=_as(tenant)) as response:
            if response.is_error:
                raise _error((await response.aread()).decode())
            async for event in httpx2.EventSource(response, max_event_size=None):
                if event.event == "error":
                    raise _error(event.data)
                yield event.event, event.data


class RemoteBoundary:
    def __init__(self, of: Remote) -> None:
        self._of = of

    async def pins(
        self, tenant: str, collection: str, change: "Change" = "list", names: Sequence[str] = ()
    ) -> "Sequence[Standing]":
        from wiring.pins import Standing

        body = {"collection": collection, "change": change, "names": list(names)}
        return await self._of.posted(tuple[Standing, ...], "/v1/local/pins", body, tenant)

    async def plan(self, tenant: str, collection: str, days: int, *, share: float) -> "Planned":
        from wiring.planning import Planned

        body = {"collection": collection, "days": days, "share": share}
        return await self._of.posted(Planned, "/v1/local/plan", body, tenant)


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


def _asked(question: Question, config: str, choices: Choices) -> Body:
    return {
        **choices.model_dump(mode="json", exclude_unset=True),
        "config": config,
        "question": question.text,
        "collection": list(question.collections),
        "limit": question.limit,
        "filter": filter_to_json(question.where),
        "boost": None if question.boosts is None else boosts_to_json(question.boosts),
    }


def _as(tenant: str) -> dict[str, str]:
    return {_TENANT_HEADER: tenant}


def _error(text: str) -> ForebayError:
    try:
        found = _Problem.model_validate_json(text)
    except ValidationError:
        return Unavailable(f"The service answered something else than expected: {text[:200]!r}")
    return _ERRORS.get(found.status, ForebayError)(found.detail)
