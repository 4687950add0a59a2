"""Is it alive, is it ready, what does it count."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.access import Served
from domain.errors import ForebayError

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers. Says nothing of what it depends on."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(services: Served) -> JSONResponse:
    """State and store answer; 503 names the part that does not."""
    parts: dict[str, str] = {}
    for name, check in (("state", services.state.ping), ("store", services.store.collections)):
        try:
            await check()
            parts[name] = "ok"
        except ForebayError as error:
            parts[name] = str(error)
    ready = all(part == "ok" for part in parts.values())
    body = {"status": "ready" if ready else "not ready", "parts": parts}
    return JSONResponse(body, status_code=200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(services: Served) -> Response:
    """Prometheus' text format."""
    return PlainTextResponse(services.telemetry.render())
