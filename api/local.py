"""What commands on the same machine ask of the service that holds the data directory.

Reached only with the token that the service left, readable by its own user, in that directory.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from answering.question import Question
from api import problems
from api.access import Asking, Served
from api.bodies import BackupBody, DeleteBody, IngestBody, PinsBody, PlanBody, PromptBody, WarmBody
from api.drain import Drain, drain_of
from api.events import answer_with, event_stream, sse
from domain.errors import ForebayError, Unauthorized
from domain.filter_json import filter_from_json
from domain.ingestion import IngestReport, Progress
from wiring.backup import back_up
from wiring.codec import to_json
from wiring.doctor import examine
from wiring.export import ExportKind
from wiring.services import Services
from wiring.settings import Name

_Event = Progress | IngestReport | ForebayError


async def _only_local(asking: Asking) -> None:
    if not asking.local:
        raise Unauthorized("This endpoint is for commands on the service's own machine.")


router = APIRouter(prefix="/v1/local", include_in_schema=False, dependencies=[Depends(_only_local)])


@router.post("/ingest")
async def ingest(body: IngestBody, request: Request, asking: Asking, services: Served) -> Response:
    """Events: progress…, then done with the report, or error."""
    return event_stream(_events(body, asking.tenant, services, drain_of(request)))


@router.post("/delete")
async def delete(body: DeleteBody, asking: Asking, services: Served) -> Response:
    report = await services.delete(
        asking.tenant,
        body.collection,
        sources=body.sources,
        where=filter_from_json(body.filter),
        everything=body.everything,
        dry_run=body.dry_run,
    )
    return answer_with(report)


@router.post("/prompt")
async def prompt(body: PromptBody, asking: Asking, services: Served) -> Response:
    """The request that a question would send."""
    question = Question(
        text=body.question,
        tenant=asking.tenant,
        collection=body.collection,
        session=body.session,
        strategy=body.strategy,
        document=body.document,
    )
    return answer_with(await services.preview(question))


@router.post("/pins")
async def pins(body: PinsBody, asking: Asking, services: Served) -> Response:
    found = await services.boundary.pins(asking.tenant, body.collection, body.change, body.names)
    return answer_with(tuple(found))


@router.post("/warm")
async def warm(body: WarmBody, asking: Asking, services: Served) -> Response:
    return answer_with(await services.warm(asking.tenant, body.collection, force=body.force))


@router.post("/plan")
async def plan(body: PlanBody, asking: Asking, services: Served) -> Response:
    boundary = services.boundary
    found = await boundary.plan(asking.tenant, body.collection, body.days, share=body.share)
    return answer_with(found)


@router.get("/export")
async def export(
    collection: Name, kind: ExportKind, asking: Asking, services: Served
) -> StreamingResponse:
    """Lines of JSON. A store that fails in the midst of them ends the connection."""
    lines = services.export(collection, asking.tenant, kind)
    first = await anext(lines, b"")  # raises what is to be a problem of its own
    return StreamingResponse(_from(first, lines), media_type="application/x-ndjson")


@router.post("/backup")
async def backup(body: BackupBody, services: Served) -> Response:
    """Event: done with what was copied, or error."""
    return event_stream(_backed_up(body.folder, services))


@router.get("/doctor")
async def doctor(services: Served) -> Response:
    return answer_with(await examine(services))


async def _backed_up(folder: Path, services: Services) -> AsyncIterator[bytes]:
    try:
        made = await back_up(folder, services.settings, services.state, services.store)
    except ForebayError as error:
        yield sse("error", bytes(problems.of(error).body))
    else:
        yield sse("done", to_json(made))


async def _from(first: bytes, lines: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(lines):
        yield first
        async for some in lines:
            yield some


async def _events(
    body: IngestBody, tenant: str, services: Services, drain: Drain
) -> AsyncIterator[bytes]:
    queue: asyncio.Queue[_Event] = asyncio.Queue()
    task = asyncio.create_task(_run(body, tenant, services, queue, drain))
    try:
        while True:
            event = await _newest(queue)
            if isinstance(event, Progress):
                yield sse("progress", to_json(event))
                continue
            if isinstance(event, ForebayError):
                yield sse("error", bytes(problems.of(event).body))
            else:
                yield sse("done", to_json(event))
            break
    finally:  # a client that goes away ends its ingestion
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _newest(queue: "asyncio.Queue[_Event]") -> _Event:
    """A client that is slow to read misses steps, and is not told old ones."""
    event = await queue.get()
    while not queue.empty():
        event = queue.get_nowait()
    return event


async def _run(
    body: IngestBody,
    tenant: str,
    services: Services,
    queue: "asyncio.Queue[_Event]",
    drain: Drain,
) -> None:
    try:
        async with drain.hurried():
            report = await services.ingest(
                body.request(tenant), root=body.root, on_progress=queue.put_nowait
            )
    except ForebayError as error:
        queue.put_nowait(error)
    else:
        queue.put_nowait(report)
