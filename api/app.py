"""Puts the routes together over one Services."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import answers as kept_answers
from api import (
    documents,
    figures,
    health,
    jobs,
    keys,
    local,
    mcp_route,
    openai_chat,
    openai_embeddings,
    openai_models,
    openai_responses,
    openai_route,
    page,
    problems,
    questions,
    reading,
    sessions,
)
from api.access import Door
from api.background import open_answers
from api.drain import Drain
from api.examples import with_examples
from api.middleware import Bounds, Guard
from domain.version import VERSION
from wiring.jobs import Jobs
from wiring.keys import Keyring
from wiring.limits import Limits
from wiring.services import Services

_CORS_HEADERS = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-Request-Id",
]
_CORS_SHOWN = [
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-Id",
]


def create_app(
    services: Services,
    doing: Jobs | None,
    local_token: str | None = None,
    limits: Limits | None = None,
) -> FastAPI:
    app = FastAPI(
        title="Forebay",
        version=VERSION,
        description="Answers questions from a company's own documents, with citations.",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.services = services
    app.state.jobs = doing
    app.state.answers = open_answers(services)
    app.state.drain = drain = Drain()
    api = services.settings.api
    usual = limits or Limits(usual=api.requests_a_minute)
    app.state.door = Door(Keyring(services.state.keys), usual, local_token)
    problems.install(app)
    for module in (questions, kept_answers, sessions, documents, jobs, reading, figures, keys):
        app.include_router(module.router, responses=problems.DOCUMENTED)
    for module in (openai_chat, openai_responses, openai_models, openai_embeddings):
        app.include_router(module.router, responses=openai_route.DOCUMENTED)
    for module in (health, mcp_route, local, page):
        app.include_router(module.router)
    app.openapi = with_examples(app)  # type: ignore[method-assign]  # as FastAPI has it
    if api.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=api.origins,
            allow_methods=["*"],
            allow_headers=_CORS_HEADERS,
            expose_headers=_CORS_SHOWN,
        )
    most_bytes = services.settings.upload.request_mb * 1_000_000
    bounds = Bounds(most_bytes, api.seconds, api.hsts)
    app.add_middleware(Guard, telemetry=services.telemetry, bounds=bounds, drain=drain)
    return app
