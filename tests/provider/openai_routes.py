"""OpenAI's paths: answers, background answers, embeddings, models."""

from collections import deque
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.provider import chat, embeddings, responses, rules, shape
from tests.provider.fitting import fitted
from tests.provider.http import cached, error, frames, noted, received, scripted
from tests.provider.script import Reply, Script

Json = dict[str, Any]


@dataclass(slots=True)
class Job:
    """An answer that is made in the background."""

    body: Json
    reply: Reply
    number: int
    polls: deque[int]

    def looks(self, status: str) -> Response:
        return JSONResponse(responses.waiting(self.body, self.reply, self.number, status))


class Routes:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._jobs: dict[str, Job] = {}

    def all(self) -> list[Route]:
        return [
            Route("/v1/responses", self._speak, methods=["POST"]),
            Route("/v1/responses/{name}", self._look),
            Route("/v1/responses/{name}/cancel", self._cancel, methods=["POST"]),
            Route("/v1/chat/completions", self._speak, methods=["POST"]),
            Route("/v1/embeddings", self._embed, methods=["POST"]),
            Route("/v1/models", self._models),
            Route("/v1/models/{name}", self._models),
        ]

    async def _speak(self, request: Request) -> Response:
        body, reply = await received(request, self._script)
        spoken = responses if request.url.path.endswith("/responses") else chat
        if instead := scripted(reply) or _refused(body, spoken):
            return instead
        number = self._script.number()
        reply = fitted(reply, spoken.schema(body))
        reply = cached(request, self._script, body, reply, body["model"], spoken.blocks(body))
        if (body.get("prompt_cache_options") or {}).get("prewarm"):
            reply = replace(reply, text="", calls=(), reasoning=0, summary="", silent=True)
        if body.get("background"):
            job = Job(body, reply, number, deque(reply.polls))
            self._jobs[f"resp_{number}"] = job
            return job.looks("queued")
        request.scope["asked"] = body["model"], spoken.usage(body, reply)
        if not body.get("stream"):
            return JSONResponse(spoken.whole(body, reply, number))
        events = spoken.events(body, reply, number)
        sent = frames(events, reply, named=spoken is responses)
        return StreamingResponse(sent, media_type="text/event-stream")

    async def _look(self, request: Request) -> Response:
        await noted(request, self._script)
        job = self._jobs.get(request.path_params["name"])
        if job is None:
            return error(404, "Response not found.")
        if not job.polls:
            return JSONResponse(responses.whole(job.body, job.reply, job.number))
        status = job.polls.popleft()
        return job.looks("in_progress") if status == 200 else error(status, "scripted")

    async def _cancel(self, request: Request) -> Response:
        await noted(request, self._script)
        return self._jobs[request.path_params["name"]].looks("cancelled")

    async def _embed(self, request: Request) -> Response:
        limits = self._script.limits
        with limits.request():
            body, reply = await received(request, self._script)
            if instead := scripted(reply) or _unknown(body, embeddings.TAKEN):
                return instead
            if wrong := embeddings.wrong(body):
                return error(400, *wrong)
            if not limits.allow(embeddings.tokens(body)):
                return error(429, "Rate limit reached", headers=limits.headers())
            return JSONResponse(embeddings.whole(body), headers=limits.headers())

    async def _models(self, request: Request) -> Response:
        _, reply = await received(request, self._script)
        model = {
            "id": request.path_params.get("name", "any"),
            "object": "model", "created": 1_780_000_000, "owned_by": "tests",
        }  # fmt: skip
        listed = {"object": "list", "data": [model]}
        return scripted(reply) or JSONResponse(model if request.path_params else listed)


def _refused(body: Json, spoken: ModuleType) -> Response | None:
    """What OpenAI answers to a request that is not as its types say, or that no model takes."""
    shaped = {key: value for key, value in body.items() if key not in {"stream", "stream_options"}}
    if found := shape.wrong(shaped, spoken.SHAPE):
        field, code = found
        return error(400, f"{code.replace('_', ' ').capitalize()}: '{field}'.", code, param=field)
    rule = rules.of_responses if spoken is responses else rules.of_chat
    if refusal := rule(body):
        words, field, why = refusal
        return error(400, words, why, param=field)
    return None


def _unknown(body: Json, taken: frozenset[str]) -> Response | None:
    """OpenAI refuses a field that it does not know."""
    unknown = sorted(set(body) - taken)
    if not unknown:
        return None
    return error(400, f"Unknown parameter: '{unknown[0]}'.", "unknown_parameter")
