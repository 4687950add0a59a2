"""Who is asking: a key's tenant, a local command's, or, on loopback without keys, the default."""

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.errors import Misconfigured, Unauthorized
from wiring.services import Services

TENANT_HEADER = "X-Forebay-Tenant"  # honoured from local commands only


@dataclass(frozen=True, slots=True)
class Caller:
    tenant: str
    local: bool = False  # a command of the same user, that may name files of this machine


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Served = Annotated[Services, Depends(services_of)]
_Bearer = Annotated[
    HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False, scheme_name="key"))
]


async def caller(request: Request, services: Served, bearer: _Bearer) -> Caller:
    secret = bearer.credentials if bearer else None
    token: str | None = request.app.state.local_token
    if secret and token and secrets.compare_digest(secret.encode(), token.encode()):
        tenant = request.headers.get(TENANT_HEADER, services.settings.tenant)
        return Caller(tenant, local=True)
    key = services.settings.api.key
    if secret is None:
        if key is None and not await services.state.keys.any():
            return Caller(services.settings.tenant)
        raise Unauthorized("This service needs a key: send `Authorization: Bearer <key>`.")
    if key and secrets.compare_digest(secret.encode(), key.get_secret_value().encode()):
        return Caller(services.settings.tenant)
    tenant_of_key = await services.state.keys.tenant_of(hashlib.sha256(secret.encode()).hexdigest())
    if tenant_of_key is None:
        raise Unauthorized("This key is not known here.")
    return Caller(tenant_of_key)


Asking = Annotated[Caller, Depends(caller)]


async def needs_key(services: Services) -> bool:
    """Whether requests need a key. Beyond loopback the service does not start without one."""
    host = services.settings.api.host
    if services.settings.api.key or await services.state.keys.any():
        return True
    if _loopback(host):
        return False
    raise Misconfigured(
        f"FOREBAY_API__HOST is {host}, which others can reach, and there is no key. "
        "Set FOREBAY_API__KEY, or listen on 127.0.0.1."
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
