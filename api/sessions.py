"""/v1/sessions: conversations. `POST /v1/ask` with one's name continues it, or begins it.

They are the tenant's, but for those of a key for some collections alone: these it has for itself,
under names of their own (`Caller.room`). Who may see all collections can read and delete them too.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.access import Asking, Caller, Served
from api.events import answer_with
from api.route import Route
from domain.errors import InvalidInput, NotFound
from domain.records import Session
from wiring.codec import to_json
from wiring.services import Services
from wiring.settings import Name
from wiring.state.overview import Conversations, Overview

router = APIRouter(prefix="/v1", tags=["sessions"], route_class=Route)

_LINES = "application/x-ndjson"
_Id = Annotated[
    str, Path(description="Of a conversation", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,140}$")
]


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Name | None = Field(None, description="Its name; left out, one is made")


@router.post("/sessions", response_model=Session, status_code=201)
async def create(body: SessionBody, asking: Asking, services: Served) -> Response:
    """An empty conversation."""
    name = body.id or uuid4().hex
    now = datetime.now(UTC).isoformat()
    if not await services.state.sessions.create(asking.tenant, asking.room + name, now):
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
    found = await Overview(services.state.database).conversations(
        asking.tenant, offset=offset, limit=limit, within=asking.room
    )
    shown = (replace(one, id=one.id.removeprefix(asking.room)) for one in found.sessions)
    return answer_with(replace(found, sessions=tuple(shown)))


@router.get("/sessions/{id}", response_model=Session)
async def session(id: _Id, asking: Asking, services: Served) -> Response:  # noqa: A002  in the path
    """A conversation with its turns."""
    if await services.state.sessions.find(asking.tenant, asking.room + id) is None:
        raise _unknown(id)
    return answer_with(await _read(services, asking, asking.room + id))


@router.delete("/sessions/{id}", status_code=204)
async def delete(id: _Id, asking: Asking, services: Served) -> None:  # noqa: A002  in the path
    """It goes for good: its turns, what stands for them in short, and answers that were kept."""
    if not await services.state.sessions.forget(asking.tenant, asking.room + id):
        raise _unknown(id)


@router.get(
    "/exports/sessions",
    responses={200: {"content": {_LINES: {"schema": {"type": "string"}}}}},
    response_class=StreamingResponse,
)
async def export(asking: Asking, services: Served) -> StreamingResponse:
    """All conversations with their turns, one a line of JSON, the oldest first."""
    ids = await services.state.sessions.ids(asking.tenant)
    own = [id_ for id_ in ids if id_.startswith(asking.room)]
    return StreamingResponse(_lines(services, asking, own), media_type=_LINES)


async def _lines(services: Services, asking: Caller, ids: Sequence[str]) -> AsyncIterator[bytes]:
    for id_ in ids:
        yield to_json(await _read(services, asking, id_)) + b"\n"


async def _read(services: Services, asking: Caller, id_: str) -> Session:
    turns = await services.state.sessions.turns(asking.tenant, id_)
    return Session(id_.removeprefix(asking.room), tuple(turns))


def _unknown(id_: str) -> NotFound:
    return NotFound(f"There is no conversation '{id_}'.")
