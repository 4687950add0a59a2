"""What commands on the same machine ask of the service that holds the data directory.

Reached only with the token that the service left, readable by its own user, in that directory.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from api import problems
from api.access import Asking, Caller, Served
from api.bodies import IngestBody
from api.events import answer_with, event_stream, sse
from domain.errors import ForebayError, Unauthorized
from domain.ingestion import IngestReport, Progress
from wiring.codec import to_json
from wiring.doctor import examine
from wiring.services import Services

router = APIRouter(prefix="/v1/local", include_in_schema=False)


@router.post("/ingest")
async def ingest(body: IngestBody, asking: Asking, services: Served) -> Response:
    """Events: progress…, then done with the report, or error."""
    _only_local(asking)
    return event_stream(_events(body, asking.tenant, services))


@router.get("/doctor")
async def doctor(asking: Asking, services: Served) -> Response:
    _only_local(asking)
    return answer_with(await examine(services))


def _only_local(asking: Caller) -> None:
    if not asking.local:
        raise Unauthorized("This endpoint is for commands on the service's own machine.")


async def _events(body: IngestBody, tenant: str, services: Services) -> AsyncIterator[bytes]:
    queue: asyncio.Queue[Progress | IngestReport | ForebayError] = asyncio.Queue()
    task = asyncio.create_task(_run(body, tenant, services, queue))
    try:
        while True:
            event = await queue.get()
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


async def _run(
    body: IngestBody,
    tenant: str,
    services: Services,
    queue: asyncio.Queue[Progress | IngestReport | ForebayError],
) -> None:
    try:
        report = await services.ingest(
            [Path(path) for path in body.paths],
            tenant=tenant,
            collection=body.collection or services.settings.collection,
            rebuild=body.rebuild,
            on_progress=queue.put_nowait,
        )
    except ForebayError as error:
        queue.put_nowait(error)
    else:
        queue.put_nowait(report)
