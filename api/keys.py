"""/v1/keys: the keys of a tenant, for who has one with the scope admin."""

from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.access import Administering, door_of
from api.events import answer_with
from api.route import Route
from domain.keys import ApiKey, Scope
from wiring.keys import Keyring, NewKey
from wiring.settings import Name

router = APIRouter(prefix="/v1", tags=["keys"], route_class=Route)

_MOST_DOLLARS = 1_000_000_000
_Name = Annotated[Name, Path()]


async def keyring_of(request: Request) -> Keyring:
    return door_of(request).keyring


Ring = Annotated[Keyring, Depends(keyring_of)]


@dataclass(frozen=True, slots=True)
class ApiKeys:
    keys: tuple[ApiKey, ...]


class KeyBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "wiki", "scopes": ["ask"]}}
    )

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)] = ["ask"]
    collections: Annotated[list[Name], Field(max_length=100)] = Field(
        [], description="That it may name; empty: all of the tenant's"
    )
    expires_at: AwareDatetime | None = Field(None, description="When it ends, with an offset")
    monthly_dollars: float | None = Field(
        None, ge=0, le=_MOST_DOLLARS, description="That its questions may cost in a month (UTC)"
    )
    requests_a_minute: int | None = Field(None, ge=1, le=1_000_000)

    def key(self, tenant: str) -> ApiKey:
        dollars = self.monthly_dollars
        return ApiKey(
            tenant=tenant,
            name=self.name,
            scopes=tuple(dict.fromkeys(self.scopes)),
            collections=tuple(dict.fromkeys(self.collections)),
            expires_at=self.expires_at.astimezone(UTC).isoformat() if self.expires_at else None,
            monthly_microdollars=None if dollars is None else round(dollars * 1e6),
            requests_a_minute=self.requests_a_minute,
        )


@router.get("/keys", response_model=ApiKeys)
async def keys(asking: Administering, ring: Ring) -> Response:
    """Without their secrets, which nobody has but their owners."""
    return answer_with(ApiKeys(tuple(await ring.all(asking.tenant))))


@router.post("/keys", response_model=NewKey, status_code=HTTPStatus.CREATED)
async def create(body: KeyBody, asking: Administering, ring: Ring) -> Response:
    """The secret is in this answer and nowhere else."""
    return _created(await ring.create(body.key(asking.tenant)))


@router.post("/keys/{name}/rotate", response_model=NewKey, status_code=HTTPStatus.CREATED)
async def rotate(name: _Name, asking: Administering, ring: Ring) -> Response:
    """Another secret for the same key; the old one is worth nothing from now on."""
    return _created(await ring.rotate(asking.tenant, name))


@router.delete("/keys/{name}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
async def revoke(name: _Name, asking: Administering, ring: Ring) -> Response:
    await ring.revoke(asking.tenant, name)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _created(made: NewKey) -> Response:
    response = answer_with(made)
    response.status_code = HTTPStatus.CREATED
    return response
