"""Puts the routes together over one Services."""

from fastapi import FastAPI

from api import documents, health, local, problems, questions
from api.middleware import Guard
from domain.version import VERSION
from wiring.services import Services


def create_app(services: Services, local_token: str | None = None) -> FastAPI:
    app = FastAPI(
        title="Forebay",
        version=VERSION,
        description="Answers questions from a company's own documents, with citations.",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    app.state.local_token = local_token
    problems.install(app)
    for module in (questions, documents, health, local):
        app.include_router(module.router)
    app.add_middleware(Guard, telemetry=services.telemetry)
    return app
