"""MCP over HTTP, at /mcp. Its SDK is loaded when the first client comes: few services have any."""

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access import Known

if TYPE_CHECKING:
    from api.mcp import HandedOver

router = APIRouter(include_in_schema=False)


@router.post("/mcp")
async def mcp(request: Request, _: Known) -> Response:
    """Streamable HTTP, without sessions."""
    answering = await asyncio.to_thread(_answering)
    return answering(request.app)


def _answering() -> "type[HandedOver]":
    from api.mcp import HandedOver

    return HandedOver
