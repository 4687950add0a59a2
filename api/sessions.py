"""/v1/sessions: conversations. `POST /v1/ask` with one's name continues it, or begins it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.access import Asking, Served, unbound
from api.events import answer_with
from domain.errors import InvalidInput, NotFound
from domain.records import Session
from wiring.codec import to_json
from wiring.services import Services
from wiring.settings import Name
from wiring.state.overview import Conversations, Overview

router = APIRouter(prefix="/v1", tags=["sessions"], dependencies=[Depends(unbound)])

_LINES = "application/x-ndjson"
_Id = Annotated[Name, Path(description="Of a conversation")]


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Name | None = Field(None, description="Its name; left out, one is made")


@router.post("/sessions", response_model=Session, status_code=201)
async def create(body: SessionBody, asking: Asking, services: Served) -> Response:
    """An empty conversation."""
    name = body.id or uuid4().hex
    now = datetime.now(UTC).isoformat()
    if not await services.state.sessions.create(asking.tenant, name, now):
        raise InvalidInput(f"There is a conversation '{name}' already.", field="id")
    response = answer_with(Session(name, ()))
    response.status_code = 201
    response.headers["Location"] = f"{router.prefix}/sessions/{name}"
    return response


@router.get("/sessions", response_model=Conversations)
async def sessions(
    asking: Asking,
    services: Served,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Response:
    """Conversations, the last one first, without their turns."""
    overview = Overview(services.state.database)
    return answer_with(await overview.conversations(asking.tenant, offset=offset, limit=limit))


@router.get("/sessions/{id}", response_model=Session)
async def session(id: _Id, asking: Asking, services: Served) -> Response:  # noqa: A002  in the path
    """A conversation with its turns."""
    if await services.state.sessions.find(asking.tenant, id) is None:
        raise _unknown(id)
    return answer_with(await _read(services, asking.tenant, id))


@router.delete("/sessions/{id}", status_code=204)
async def delete(id: _Id, asking: Asking, services: Served) -> None:  # noqa: A002  in the path
    """It goes for good: its turns, what stands for them in short, and answers that were kept."""
    if not await services.state.sessions.forget(asking.tenant, id):
        raise _unknown(id)


@router.get(
    "/exports/sessions",
    responses={200: {"content": {_LINES: {"schema": {"type": "string"}}}}},
    response_class=StreamingResponse,
)
async def export(asking: Asking, services: Served) -> StreamingResponse:
    """All conversations with their turns, one a line of JSON, the oldest first."""
    ids = await services.state.sessions.ids(asking.tenant)
    return StreamingResponse(_lines(services, asking.tenant, ids), media_type=_LINES)


async def _lines(services: Services, tenant: str, ids: Sequence[str]) -> AsyncIterator[bytes]:
    for id_ in ids:
        yield to_json(await _read(services, tenant, id_)) + b"\n"


async def _read(services: Services, tenant: str, id_: str) -> Session:
    return Session(id_, tuple(await services.state.sessions.turns(tenant, id_)))


def _unknown(id_: str) -> NotFound:
    return NotFound(f"There is no conversation '{id_}'.")
