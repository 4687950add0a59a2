"""/v1/jobs: where the work that a request asked for is, and what came of it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response

from api.access import Ingesting
from api.events import EVENTS, STREAM, answer_with, event_stream, sse
from api.problems import problem
from api.route import Route
from domain.errors import ForebayError
from domain.jobs import Job, JobPage, JobState
from wiring.codec import to_json
from wiring.jobs import Jobs
from wiring.settings import Name

router = APIRouter(prefix="/v1", tags=["jobs"], route_class=Route)

_END = "end"  # id of the last event: who comes back with it has heard it


async def jobs_of(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


Doing = Annotated[Jobs, Depends(jobs_of)]


def accepted(job: Job) -> Response:
    response = answer_with(job)
    response.status_code = HTTPStatus.ACCEPTED
    response.headers["Location"] = f"{router.prefix}/jobs/{job.id}"
    return response


@router.get("/jobs", response_model=JobPage)
async def jobs(
    asking: Ingesting,
    doing: Doing,
    state: Annotated[JobState | None, Query()] = None,
    collection: Annotated[Name | None, Query()] = None,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """The newest first, without their reports."""
    asking.check(collection)
    page = await doing.page(
        asking.tenant, state=state, collection=collection, offset=offset, limit=limit
    )
    return answer_with(page)


@router.get(
    "/jobs/{id}",
    response_model=Job,
    responses={200: {"content": EVENTS}},
)
async def job(
    id: str,  # noqa: A002  as it is called in the path
    asking: Ingesting,
    doing: Doing,
    accept: Annotated[str, Header()] = "",
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """With `Accept: text/event-stream` the events progress…, then done or error."""
    found = await doing.find(asking.tenant, id)
    asking.check(found.collection)
    if STREAM not in accept:
        return answer_with(found)
    if last_event_id == _END and found.over:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # browsers come back until told so
    return event_stream(_events(found, doing))


async def _events(found: Job, doing: Jobs) -> AsyncIterator[bytes]:
    """A stream that ends without done or error was cut off: asking again goes on."""
    yield b"retry: 2000\n"  # of the event that follows: some clients take a block of it for one
    told = None
    try:
        async with aclosing(doing.watch(found)) as moves:
            async for moved in moves:
                if moved is None:
                    yield b": nothing new\n\n"
                    continue
                if moved.progress is not None and moved.progress != told:
                    told = moved.progress
                    yield sse("progress", to_json(told))
                if moved.over:
                    yield f"id: {_END}\n".encode() + _last(moved)
    except ForebayError:
        return  # the state database is away, and says nothing about the job


def _last(over: Job) -> bytes:
    if over.state == "failed":
        return sse("error", bytes(problem(500, "The job failed", over.error).body))
    return sse("done", to_json(over.report) if over.report else b"null")
