"""GET /v1/documents: what a tenant's collections hold."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.access import Asking, Served
from api.events import answer_with
from domain.records import DocumentPage
from wiring.settings import Name

router = APIRouter(prefix="/v1", tags=["documents"])


@router.get("/documents", response_model=DocumentPage)
async def documents(
    asking: Asking,
    services: Served,
    collection: Annotated[Name | None, Query()] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    registry = services.state.documents
    return answer_with(await registry.page(asking.tenant, collection, offset=offset, limit=limit))
