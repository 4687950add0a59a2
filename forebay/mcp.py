"""`forebay mcp`: search, ask and read_document for a program on this machine, over stdio.

The tools ask the service that holds the data directory, or an application in this process.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from forebay import options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx2

    from wiring.settings import Settings

    Client = Callable[[], httpx2.AsyncClient]


def command(tenant: options.Tenant = None) -> None:
    """Be an MCP server over stdio, for the program that starts this command."""
    from wiring.logs import set_up_log
    from wiring.settings import read_settings

    settings = read_settings()
    set_up_log(settings.log)  # to stderr: stdout is the protocol's
    asyncio.run(_serve(settings, tenant or settings.tenant))


async def _serve(settings: Settings, tenant: str) -> None:
    from mcp.server.stdio import stdio_server

    from api.mcp import server

    async with _reached(settings, tenant) as client, stdio_server() as (incoming, outgoing):
        serving = server(lambda _: client())
        await serving.run(incoming, outgoing, serving.create_initialization_options())


@asynccontextmanager
async def _reached(settings: Settings, tenant: str) -> AsyncIterator[Client]:
    import httpx2

    from api.access import TENANT_HEADER
    from api.app import create_app
    from api.mcp import inner_client
    from wiring.owner import service_of
    from wiring.services import open_services

    service = service_of(settings.data) if settings.qdrant.url is None else None
    if service and service.url:
        url, headers = service.url, _headers(str(service.token), TENANT_HEADER, tenant)
        yield lambda: httpx2.AsyncClient(
            base_url=url, headers=headers, timeout=None, trust_env=False
        )
        return
    token = secrets.token_urlsafe()
    headers = _headers(token, TENANT_HEADER, tenant)
    async with open_services(settings, "forebay mcp") as services:
        app = create_app(services, None, token)
        yield lambda: inner_client(app, headers)


def _headers(token: str, tenant_header: str, tenant: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", tenant_header: tenant}
