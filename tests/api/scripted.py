"""The real application on loopback, in this process, over an ingestion that does as it is told."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx2
import uvicorn

from api.app import create_app
from domain.jobs import Job
from domain.keys import SCOPES, ApiKey
from tests.wiring.scripted import ScriptedIngestion
from wiring.codec import from_json
from wiring.jobs import open_jobs
from wiring.keys import hashed
from wiring.runner import Rhythm
from wiring.services import Services
from wiring.settings import Settings, UploadSettings
from wiring.state.database import State, open_state
from wiring.telemetry import Telemetry

_QUICK = Rhythm(idle=0.05, note=0.05, again=0.05, news=0.01, look=0.02, beat=0.1)


@dataclass(frozen=True, slots=True)
class _Few:
    """As much of Services as uploads and jobs need."""

    settings: Settings
    state: State
    telemetry: Telemetry


class Service:
    def __init__(
        self,
        client: httpx2.AsyncClient,
        data: Path,
        ingestion: ScriptedIngestion,
        state: State,
    ) -> None:
        self.client = client
        self.state = state
        self.ingestion = ingestion
        self._uploads = data / "uploads"

    def left(self) -> list[str]:
        """The folders of files that are on their way in, or wait."""
        return [path.name for path in self._uploads.iterdir() if path.is_dir()]

    async def done(self, response: httpx2.Response, **headers: str) -> Job:
        """The job that was accepted, when it is over."""
        assert response.status_code == 202, response.text
        async with asyncio.timeout(5):
            while True:
                found = await self.client.get(response.headers["location"], headers=headers)
                job = from_json(Job, found.content)
                if job.over:
                    return job
                await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(data: Path, tenants: tuple[str, ...] = ()) -> AsyncIterator[Service]:
    """With tenants, each has its own name as its key; without, nobody needs one."""
    settings = Settings(data=data, upload=UploadSettings(file_mb=1, request_mb=2))
    async with open_state(settings.database_url) as state:
        ingestion = ScriptedIngestion(state.documents)
        for tenant in tenants:
            await state.keys.add(ApiKey(tenant, "test", SCOPES), hashed(tenant))
        services = cast("Services", _Few(settings, state, Telemetry()))
        async with open_jobs(state.jobs, data / "uploads", ingestion, _QUICK) as jobs:
            app = create_app(services, jobs)
            config = uvicorn.Config(app, log_config=None, lifespan="off")
            server = uvicorn.Server(config)
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                url = f"http://127.0.0.1:{listener.getsockname()[1]}"
                running = asyncio.create_task(server.serve(sockets=[listener]))
                async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
                    yield Service(client, data, ingestion, state)
                jobs.close()
                server.should_exit = True
                await running


def key(tenant: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tenant}"}
