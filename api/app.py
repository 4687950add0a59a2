"""Puts the routes together over one Services."""

from fastapi import FastAPI

from api import documents, health, jobs, local, problems, questions
from api.middleware import Guard
from domain.version import VERSION
from wiring.jobs import Jobs
from wiring.services import Services


def create_app(services: Services, doing: Jobs, local_token: str | None = None) -> FastAPI:
    app = FastAPI(
        title="Forebay",
        version=VERSION,
        description="Answers questions from a company's own documents, with citations.",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    app.state.jobs = doing
    app.state.local_token = local_token
    problems.install(app)
    for module in (questions, documents, jobs, health, local):
        app.include_router(module.router)
    most_bytes = services.settings.upload.request_mb * 1_000_000
    app.add_middleware(Guard, telemetry=services.telemetry, most_upload_bytes=most_bytes)
    return app
