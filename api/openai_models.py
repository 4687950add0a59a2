"""GET /v1/models: a tenant's collections, each as a model, and the model that embeds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.access import Asking, Caller, Served
from api.openai_answer import answer_with
from api.openai_asked import PREFIX
from api.openai_route import OpenAIRoute
from domain.errors import NotFound
from wiring.services import Services
from wiring.state.overview import Overview

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)
_LONGEST = 300  # characters of an id: no collection's and no file's name is as long


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    created: int
    object: Literal["model"] = "model"
    owned_by: str = PREFIX


@dataclass(frozen=True, slots=True)
class Models:
    data: tuple[Model, ...]
    object: Literal["list"] = "list"


@router.get("/models", response_model=Models)
async def models(asking: Asking, services: Served) -> Response:
    """Collections that hold documents of this tenant, and the model of `/v1/embeddings`."""
    return answer_with(Models(await _models(asking, services)))


@router.get("/models/{id:path}", response_model=Model)
async def model(
    id: Annotated[str, Path(max_length=_LONGEST)],  # noqa: A002  in the path
    asking: Asking,
    services: Served,
) -> Response:
    for found in await _models(asking, services):
        if found.id == id:
            return answer_with(found)
    raise NotFound(f"There is no model '{id}'. GET /v1/models lists them.")


async def _models(asking: Caller, services: Services) -> tuple[Model, ...]:
    found = await Overview(services.state.database).collections(asking.tenant)
    collections = (
        Model(f"{PREFIX}/{one.name}", int(datetime.fromisoformat(one.changed_at).timestamp()))
        for one in found
        if asking.reaches(one.name)
    )
    return (*collections, Model(services.embedder.space.model, 0))
