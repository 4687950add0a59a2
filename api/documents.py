"""/v1/documents: what a tenant's collections hold, and jobs that change it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from api import multipart
from api.access import Ingesting, Reading, Served
from api.events import answer_with
from api.jobs import Doing, accepted
from api.route import Route
from api.sources import source_name
from domain.errors import InvalidInput, NotFound
from domain.ids import document_id
from domain.jobs import Job
from domain.records import DocumentPage
from wiring.services import Services
from wiring.settings import Name
from wiring.spool import Incoming

router = APIRouter(prefix="/v1", tags=["documents"], route_class=Route)

_BINARY = {"type": "string", "format": "binary"}
_FORM = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {"type": "array", "items": _BINARY},
        "collection": {"type": "string"},
        "adopt": {
            "type": "boolean",
            "description": "Also replace documents of these names that came from a folder",
        },
        "accept_cost": {
            "type": "boolean",
            "description": "Embed even if it costs more than the service may spend unasked",
        },
    },
}
_FILES = {"required": True, "content": {multipart.FORM: {"schema": _FORM}}}
_FILE = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": _BINARY},
        multipart.FORM: {"schema": {"type": "object", "properties": {"file": _BINARY}}},
    },
}
_Collection = Annotated[Name | None, Query()]
_Id = Annotated[str, Path(description="A document's id, or a name of your own")]


class UploadForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    collection: Name | None = None
    adopt: bool = False
    accept_cost: bool = False


@router.get("/documents", response_model=DocumentPage)
async def documents(
    asking: Reading,
    services: Served,
    collection: _Collection = None,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    asking.check(collection)
    registry = services.state.documents
    return answer_with(await registry.page(asking.tenant, collection, offset=offset, limit=limit))


@router.post(
    "/documents", response_model=Job, status_code=202, openapi_extra={"requestBody": _FILES}
)
async def upload(request: Request, asking: Ingesting, services: Served, doing: Doing) -> Response:
    """One or more files, each a document called by its file's name: new, or a new version."""
    async with doing.incoming() as files:
        form = await multipart.receive(
            multipart.form(request),
            files,
            name=lambda given: source_name(given, "files"),
            fields=UploadForm.model_fields,
            most_bytes=_most_bytes(services),
        )
        _expect(files)
        fields = _read(form)
        asking.check(fields.collection or services.settings.collection)
        job = await doing.ingest(
            files,
            asking.tenant,
            fields.collection or services.settings.collection,
            key=asking.key,
            adopt=fields.adopt,
            accept_cost=fields.accept_cost,
        )
    return accepted(job)


@router.put(
    "/documents/{id:path}",
    response_model=Job,
    status_code=202,
    openapi_extra={"requestBody": _FILE},
)
async def put(
    id: _Id,  # noqa: A002  as it is called in the path
    request: Request,
    asking: Ingesting,
    services: Served,
    doing: Doing,
    collection: _Collection = None,
    accept_cost: Annotated[bool, Query()] = False,  # noqa: FBT002  a parameter of the query
) -> Response:
    """One file, as the body or as a form: the new version of a document, or a new one."""
    collection = collection or services.settings.collection
    asking.check(collection)
    source = await _source(id, asking.tenant, collection, services)
    is_form = request.headers.get("content-type", "").lower().startswith(multipart.FORM)
    async with doing.incoming() as files:
        await multipart.receive(
            multipart.form(request) if is_form else multipart.raw(request, source),
            files,
            name=lambda _: source,
            most_bytes=_most_bytes(services),
        )
        _expect(files)
        job = await doing.ingest(
            files,
            asking.tenant,
            collection,
            key=asking.key,
            adopt=True,
            accept_cost=accept_cost,
        )
    return accepted(job)


@router.delete("/documents/{id:path}", response_model=Job, status_code=202)
async def delete(
    id: _Id,  # noqa: A002  as it is called in the path
    asking: Ingesting,
    services: Served,
    doing: Doing,
    collection: _Collection = None,
) -> Response:
    """The document goes, with all its versions."""
    collection = collection or services.settings.collection
    asking.check(collection)
    registry, tenant = services.state.documents, asking.tenant
    for identity in (id, document_id(tenant, collection, id)):
        if found := await registry.find(tenant, collection, identity):
            return accepted(await doing.delete(tenant, collection, found.source))
    if await doing.awaits(tenant, collection, id):
        return accepted(await doing.delete(tenant, collection, id))
    raise NotFound(f"Collection '{collection}' holds no document '{id}'.")


async def _source(named: str, tenant: str, collection: str, services: Services) -> str:
    known = await services.state.documents.find(tenant, collection, named)
    source = known.source if known else named
    name = source_name(source, "id")
    if name != source:  # or a later DELETE would not find it under what it was called
        raise InvalidInput(f"A document cannot be called {source!r}: try {name!r}.", field="id")
    return name


def _most_bytes(services: Services) -> int:
    return services.settings.upload.file_mb * 1_000_000


def _expect(files: Incoming) -> None:
    if not files.sources:
        raise InvalidInput("No file came. Send at least one, as `files`.", field="files")


def _read(form: dict[str, str]) -> UploadForm:
    try:
        return UploadForm.model_validate(form)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
