"""What a tenant can read of its own: collections, and a document's text."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.access import Asking, Served
from api.events import answer_with
from api.route import Route
from domain.errors import InvalidInput, NotFound
from domain.ids import document_id
from wiring.passage import Stretch, stretch
from wiring.settings import Name
from wiring.state.overview import CollectionCount, Overview

router = APIRouter(prefix="/v1", tags=["reading"], route_class=Route)

_MOST = 20_000  # characters on each side of what is asked for
_Place = Annotated[int, Query(ge=0, le=2**31)]


@dataclass(frozen=True, slots=True)
class Collections:
    collections: tuple[CollectionCount, ...]


@router.get("/collections", response_model=Collections)
async def collections(asking: Asking, services: Served) -> Response:
    """Those that hold documents of this tenant."""
    found = await Overview(services.state.database).collections(asking.tenant)
    return answer_with(Collections(tuple(one for one in found if asking.reaches(one.name))))


@router.get("/documents/{id:path}/text", response_model=Stretch)
async def text(
    id: Annotated[str, Path(description="A document's id, or its name")],  # noqa: A002
    asking: Asking,
    services: Served,
    collection: Annotated[Name | None, Query()] = None,
    start: _Place = 0,
    end: _Place = 0,
    around: Annotated[int, Query(ge=0, le=_MOST)] = 4000,
) -> Response:
    """The parsed text around the characters from `start` to `end`; a citation has both."""
    end = max(start, end)
    if end - start > _MOST:
        raise InvalidInput(f"At most {_MOST:,} characters at once.", field="end")
    collection = collection or services.settings.collection
    asking.check(collection)
    tenant, registry = asking.tenant, services.state.documents
    for identity in (id, document_id(tenant, collection, id)):
        if record := await registry.find(tenant, collection, identity):
            return answer_with(await stretch(services, record, start, end, around))
    raise NotFound(f"Collection '{collection}' holds no document '{id}'.")
