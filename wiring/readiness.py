"""Whether the service can answer, and which of its parts cannot do theirs.

Without state or store, or room on the disk to write what it must, nobody can be answered. A model
that rests is passed over, and uploads wait: that is said, and the service stays ready. It would be
away everywhere at once otherwise, for all replicas have the same models.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from domain.errors import ForebayError
from wiring.jobs import Jobs
from wiring.services import Services

OK = "ok"
Status = Literal["ready", "degraded", "not ready"]
_SECONDS = 4  # an orchestrator gives up after five
_ROOM = 64  # MB, as the embedded store keeps free


@dataclass(frozen=True, slots=True)
class Readiness:
    needed: dict[str, str]  # what is wrong with each, or "ok"
    others: dict[str, str]

    @property
    def ready(self) -> bool:
        return all(said == OK for said in self.needed.values())

    @property
    def status(self) -> Status:
        if not self.ready:
            return "not ready"
        return "ready" if all(said == OK for said in self.others.values()) else "degraded"


async def readiness(services: Services, jobs: Jobs | None) -> Readiness:
    state, store = await asyncio.gather(
        _tried(services.state.ping), _tried(services.store.collections)
    )
    needed = {"state": state, "store": store, "disk": _disk(services)}
    return Readiness(needed, {"models": _models(services), "workers": _workers(jobs)})


async def _tried(check: Callable[[], Awaitable[object]]) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            await check()
    except ForebayError as error:
        return str(error)
    except TimeoutError:
        return f"No answer in {_SECONDS} s."
    return OK


def _disk(services: Services) -> str:
    data = services.settings.data
    try:
        free = shutil.disk_usage(data).free // 2**20
    except OSError as error:
        return f"{data} cannot be used ({error.strerror}). Set FOREBAY_DATA."
    return OK if free >= _ROOM else f"{free} MB are free for {data}, {_ROOM} are needed. Make room."


def _models(services: Services) -> str:
    resting = [
        f"{one.lane} is {one.state}"
        for one in services.telemetry.gateway.health()
        if one.state != "closed"
    ]
    return ", ".join(resting) or OK


def _workers(jobs: Jobs | None) -> str:
    if jobs is None or jobs.working:
        return OK
    return "No more jobs are done; the log says why. Start the service again."
