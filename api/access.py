"""Who is asking, and whether he may: a key with its scopes and limits, a local command, or, on
loopback without keys, anybody on this machine.

Each endpoint says in its signature which scope it needs; the OpenAPI document shows it.
"""

import ipaddress
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from domain.errors import Forbidden, Misconfigured, TooManyRequests, Unauthorized
from domain.ids import fingerprint
from domain.keys import SCOPES, ApiKey, Scope
from wiring.keys import Keyring
from wiring.limits import Limits
from wiring.services import Services

TENANT_HEADER = "X-Forebay-Tenant"  # honoured from local commands only
IN_ROOM = ":"  # no name has one


@dataclass(frozen=True, slots=True)
class Door:
    """What opens it."""

    keyring: Keyring
    limits: Limits
    local_token: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    tenant: str
    local: bool = False  # a command of the same user, that may name files of this machine
    key: ApiKey | None = None  # None: may do all that there is

    def reaches(self, collection: str) -> bool:
        return self.key is None or self.key.reaches(collection)

    def check(self, *collections: str | None) -> None:
        """Forbidden, when its key is not for one of them; None stands for all there are."""
        for collection in collections:
            if collection is None:
                self.check_unbound("what stands in all collections")
            elif not self.reaches(collection):
                raise Forbidden(f"This key is not for the collection '{collection}'.")

    def check_unbound(self, what: str) -> None:
        """Forbidden, when its key is for some collections only."""
        if self.collections:
            named = ", ".join(self.collections)
            raise Forbidden(f"This key is for {named} alone: it is not for {what}.")

    def check_operator(self, what: str) -> None:
        """Forbidden to every key of a tenant: they say nothing of other tenants."""
        if self.key:
            raise Forbidden(f"{what} is for who runs the service: ask with FOREBAY_API__KEY.")

    @property
    def collections(self) -> tuple[str, ...]:
        """That it is for; empty: all."""
        return self.key.collections if self.key else ()

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """That it may use."""
        return tuple(one for one in SCOPES if self.key is None or self.key.may(one))

    @property
    def room(self) -> str:
        """What the names of its conversations begin with: a key for some collections sees its own
        alone. It ends with the key, so that another one under its name does not find them.
        """
        if self.key is None or not self.collections:
            return ""
        mark = fingerprint(self.key.name, self.key.created_at)[:8]
        return f"{self.key.name}-{mark}{IN_ROOM}"


async def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def door_of(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


Served = Annotated[Services, Depends(services_of)]
_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(
        HTTPBearer(
            auto_error=False,
            scheme_name="key",
            description="A key of `forebay keys create`. One of the scopes named suffices; `admin` "
            "includes the others. On loopback, and as long as there is no key, none is needed.",
        )
    ),
]


async def caller(
    request: Request, services: Served, bearer: _Bearer, needed: SecurityScopes
) -> Caller:
    found = await known(request, services, bearer)
    if found.key and not any(map(found.key.may, needed.scopes)):
        wanted = " or ".join(needed.scopes)
        has = ", ".join(found.key.scopes)
        raise Forbidden(f"This needs a key with the scope {wanted}; '{found.key.name}' has {has}.")
    if not found.local:
        await _within_limits(request, found)
    return found


Asking = Annotated[Caller, Security(caller, scopes=["ask"])]
Ingesting = Annotated[Caller, Security(caller, scopes=["ingest"])]
Reading = Annotated[Caller, Security(caller, scopes=["ask", "ingest"])]
Administering = Annotated[Caller, Security(caller, scopes=["admin"])]


async def known(request: Request, services: Served, bearer: _Bearer) -> Caller:
    """Who it is, whatever he may."""
    secret = bearer.credentials if bearer else None
    door, api = door_of(request), services.settings.api
    if secret is None:
        return await _without_key(request, services)
    if door.local_token and _same(secret, door.local_token):
        tenant = request.headers.get(TENANT_HEADER, services.settings.tenant)
        return Caller(tenant, local=True)
    if api.key and _same(secret, api.key.get_secret_value()):
        return Caller(services.settings.tenant)
    key = await door.keyring.of(secret)
    if key is None:
        if api.key or await door.keyring.any():
            raise Unauthorized("This key is not known here, or no more.")
        return await _without_key(request, services)  # clients of OpenAI's format always send one
    return Caller(key.tenant, key=key)


Known = Annotated[Caller, Depends(known)]


async def counting(request: Request, services: Served, bearer: _Bearer) -> None:
    """Counts are of all tenants: no tenant's key shows them, but the operator's, and the one that
    monitoring has for nothing else.
    """
    own = services.settings.api.metrics_key
    if own and bearer and _same(bearer.credentials, own.get_secret_value()):
        return
    (await known(request, services, bearer)).check_operator("/metrics")


async def _without_key(request: Request, services: Services) -> Caller:
    api = services.settings.api
    if api.key or not is_loopback(api.host) or await door_of(request).keyring.any():
        raise Unauthorized("This service needs a key: send `Authorization: Bearer <key>`.")
    _from_this_machine(request, api.origins or ())
    return Caller(services.settings.tenant)


def _from_this_machine(request: Request, origins: tuple[str, ...]) -> None:
    """A page of elsewhere, open in a browser here, can send requests to loopback as well: under its
    own origin, or under a name of its own that it has pointed here.
    """
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if not is_loopback(request.url.hostname or "") or origin not in {None, own, *origins}:
        raise Forbidden(
            "Without a key this service answers programs and pages of this machine alone, asked "
            f"as localhost. This came for {request.url.hostname!r} from {origin!r}. Set "
            "FOREBAY_API__KEY, or for a page FOREBAY_API__ORIGINS."
        )


async def _within_limits(request: Request, found: Caller) -> None:
    """Where he stands goes into the headers of the answer: see `middleware.py`."""
    if hasattr(request.state, "standing"):
        return
    name, limit = ("", None) if found.key is None else (found.key.name, found.key.requests_a_minute)
    standing = await door_of(request).limits.take(f"{found.tenant}/{name}", limit)
    request.state.standing = standing
    if standing and standing.wait > 0:
        raise TooManyRequests(
            f"This key may send {standing.limit} requests a minute. The next one in "
            f"{standing.wait:.1f} s.",
            retry_after=standing.wait,
        )


async def needs_key(services: Services) -> bool:
    """Whether requests need a key. Beyond loopback the service does not start without one."""
    host = services.settings.api.host
    if services.settings.api.key or await services.state.keys.any():
        return True
    if is_loopback(host):
        return False
    raise Misconfigured(
        f"FOREBAY_API__HOST is {host}, which others can reach, and there is no key. "
        "Set FOREBAY_API__KEY, make one with `forebay keys create`, or listen on 127.0.0.1."
    )


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
