"""Forgets what is kept for a time: at the start, and once a day.

Conversations as their tenant has it; answers that outlived their request, after a day.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from domain.errors import Unavailable
from wiring.answers import KEPT
from wiring.settings_answers import SessionSettings
from wiring.state.database import State

_DAY = 86_400
_log = logging.getLogger("forebay.retention")


@asynccontextmanager
async def retaining(settings: SessionSettings, state: State) -> AsyncIterator[None]:
    await forget_old(settings, state, datetime.now(UTC))
    task = asyncio.create_task(_daily(settings, state))
    try:
        yield
    finally:
        task.cancel()


async def forget_old(settings: SessionSettings, state: State, now: datetime) -> int:
    """How many conversations."""
    await state.kept.forget_old((now - KEPT).isoformat())
    gone = 0
    for tenant in await state.sessions.tenants():
        if (days := days_of(settings, tenant)) is None:
            continue
        before = (now - timedelta(days=days)).isoformat()
        for session in await state.sessions.ids(tenant, before):
            gone += await state.sessions.forget(tenant, session)
    if gone:
        _log.info("%d conversations were forgotten, as FOREBAY_SESSIONS__DAYS has it", gone)
    return gone


def days_of(settings: SessionSettings, tenant: str) -> float | None:
    """A tenant is named there as variables are: `Acme-Co` is acme_co."""
    named = tenant.lower().replace("-", "_").replace(".", "_")
    return settings.tenants.get(named, settings.days)


async def _daily(settings: SessionSettings, state: State) -> None:
    while True:
        await asyncio.sleep(_DAY)
        try:
            await forget_old(settings, state, datetime.now(UTC))
        except Unavailable as error:
            _log.warning("nothing was forgotten today: %s", error)
