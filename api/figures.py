"""What a tenant spends, how well that was cached, how long it took, and how good answers are."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.access import Administering, Reading, Served
from api.events import answer_with
from domain.version import VERSION
from wiring.evaluations import Evaluations, evaluations
from wiring.services import SEARCH_CONFIGS
from wiring.state.overview import Day, DayTimes, Overview

router = APIRouter(prefix="/v1", tags=["figures"])


@dataclass(frozen=True, slots=True)
class About:
    """What is asked, and by whom."""

    tenant: str
    collection: str  # when none is named
    model: str
    configs: tuple[str, ...]
    tiers: tuple[str, ...]  # that have models of their own
    version: str
    file_mb: int  # the largest file that may be uploaded


@dataclass(frozen=True, slots=True)
class Figures:
    tenant: str
    since: str
    days: tuple[Day, ...]
    times: tuple[DayTimes, ...]


@router.get("/about", response_model=About)
async def about(asking: Reading, services: Served) -> Response:
    settings = services.settings
    return answer_with(
        About(
            tenant=asking.tenant,
            collection=settings.collection,
            model=services.chat.name,
            configs=SEARCH_CONFIGS,
            tiers=tuple(tier for tier, models in settings.tiers if models),
            version=VERSION,
            file_mb=settings.upload.file_mb,
        )
    )


@router.get("/figures", response_model=Figures)
async def figures(
    asking: Administering, services: Served, days: Annotated[int, Query(ge=1, le=366)] = 30
) -> Response:
    """Model calls by day, purpose and model: tokens, micro-dollars and seconds. Days are UTC's."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (today - timedelta(days=days - 1)).isoformat()
    overview = Overview(services.state.database)
    spent = await overview.days(asking.tenant, since)
    times = await overview.times(asking.tenant, since)
    return answer_with(Figures(asking.tenant, since[:10], tuple(spent), tuple(times)))


@router.get("/evaluations", response_model=Evaluations)
async def runs(asking: Administering, services: Served) -> Response:
    """Runs of `forebay eval run` in the data directory, which is the default tenant's."""
    if asking.tenant != services.settings.tenant:
        return answer_with(Evaluations((), ()))
    return answer_with(await asyncio.to_thread(evaluations, services.settings.data))
