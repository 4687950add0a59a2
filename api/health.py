"""Is it alive, is it ready, what does it count."""

from dataclasses import asdict, dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.access import Served, counting
from api.problems import DOCUMENTED
from wiring.readiness import Status, readiness

router = APIRouter(tags=["operations"])


@dataclass(frozen=True, slots=True)
class Ready:
    status: Status
    parts: dict[str, str]


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers. Says nothing of what it depends on."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "It cannot answer; `parts` says why"}},
)
async def readyz(request: Request, services: Served) -> JSONResponse:
    """Each part, and what is wrong with it. 503 without `state`, `store` or `disk` alone; while
    `models` rest or `workers` are gone it is `degraded`, and answers.
    """
    found = await readiness(services, request.app.state.jobs)
    body = asdict(Ready(found.status, found.needed | found.others))
    return JSONResponse(body, status_code=200 if found.ready else 503)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=DOCUMENTED,
    dependencies=[Depends(counting)],
)
async def metrics(services: Served) -> Response:
    """Prometheus' text format. Where requests need a key, this needs FOREBAY_API__METRICS_KEY or
    FOREBAY_API__KEY: what is counted is of all tenants.
    """
    return PlainTextResponse(services.telemetry.render())
