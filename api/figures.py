"""What a tenant spends, how well that was cached, how long it took, and how good answers are."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query
from fastapi.responses import Response

from answering.question import Strategy
from api.access import Administering, Reading, Served
from api.events import answer_with
from api.route import Route
from domain.completion import Effort
from domain.keys import Scope
from domain.version import VERSION
from wiring.evaluations import Evaluations, evaluations
from wiring.services import SEARCH_CONFIGS
from wiring.state.costs import Sum, sums
from wiring.state.ledger_cache import CacheFigures, cache_figures
from wiring.state.overview import Day, DayTimes, Overview

router = APIRouter(prefix="/v1", tags=["figures"], route_class=Route)


@dataclass(frozen=True, slots=True)
class About:
    """What is asked, and by whom."""

    tenant: str
    scopes: tuple[Scope, ...]  # that the key opens
    collections: tuple[str, ...]  # that the key is for; empty: all
    operator: bool  # may see all tenants
    collection: str  # when none is named
    model: str
    configs: tuple[str, ...]
    strategies: tuple[str, ...]
    generates: bool  # a model writes the answers: it has a tier, an effort, and may see images
    tiers: tuple[str, ...]  # that have models of their own
    efforts: tuple[str, ...]
    version: str
    file_mb: int  # the largest file that may be uploaded


@dataclass(frozen=True, slots=True)
class Figures:
    tenant: str | None  # None: all of them together
    since: str
    days: tuple[Day, ...]
    times: tuple[DayTimes, ...]
    caches: tuple[CacheFigures, ...]  # by day, of calls whose model has a cache that is known
    tenants: tuple[Sum, ...]  # by day and tenant; empty, but of all


@router.get("/about", response_model=About)
async def about(asking: Reading, services: Served) -> Response:
    settings = services.settings
    return answer_with(
        About(
            tenant=asking.tenant,
            scopes=asking.scopes,
            collections=asking.collections,
            operator=asking.key is None,
            collection=settings.collection,
            model=services.chat.name,
            configs=SEARCH_CONFIGS,
            strategies=get_args(Strategy),
            generates=settings.answers_with_openai,
            tiers=tuple(tier for tier, models in settings.tiers if models),
            efforts=get_args(Effort),
            version=VERSION,
            file_mb=settings.upload.file_mb,
        )
    )


@router.get("/figures", response_model=Figures)
async def figures(
    asking: Administering,
    services: Served,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    tenants: Annotated[
        Literal["own", "all"], Query(description="`all` is for who runs the service")
    ] = "own",
) -> Response:
    """Model calls by day, purpose and model: tokens, micro-dollars, seconds, and what the prompt
    cache did. Days are UTC's.
    """
    if tenants == "all":
        asking.check_operator("What all tenants spend")
    now = datetime.now(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = (today - timedelta(days=days - 1)).isoformat()
    tenant = asking.tenant if tenants == "own" else None
    database = services.state.database
    overview = Overview(database)
    until = (now + timedelta(days=1)).isoformat()
    whose = [] if tenant else await sums(database, ["tenant"], since=since, until=until)
    return answer_with(
        Figures(
            tenant=tenant,
            since=since[:10],
            days=tuple(await overview.days(tenant, since)),
            times=tuple(await overview.times(tenant, since)),
            caches=tuple(await cache_figures(database, ["day"], since, tenant)),
            tenants=tuple(whose),
        )
    )


@router.get("/evaluations", response_model=Evaluations)
async def runs(asking: Administering, services: Served) -> Response:
    """Runs of `forebay eval run` in the data directory, which is the default tenant's."""
    if asking.tenant != services.settings.tenant:
        return answer_with(Evaluations((), ()))
    return answer_with(await asyncio.to_thread(evaluations, services.settings.data))
