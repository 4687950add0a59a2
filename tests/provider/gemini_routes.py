"""Gemini's paths, under /gemini. The SDK's types are imported with the first request."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.provider.blocks import of_gemini
from tests.provider.fitting import fitted
from tests.provider.http import cached, frames, received
from tests.provider.script import Reply, Script

Json = dict[str, Any]

_STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip


class Routes:
    def __init__(self, script: Script) -> None:
        self._script = script

    def all(self) -> list[Route]:
        return [
            Route("/gemini/v1/models/{call}", self._speak, methods=["POST"]),
            Route("/gemini/v1/models/{name}", self._model),
        ]

    async def _speak(self, request: Request) -> Response:
        from tests.provider import gemini_generate as spoken
        from tests.provider import gemini_rules

        model, _, verb = request.path_params["call"].partition(":")
        body, reply = await received(request, self._script)
        if instead := _scripted(reply):
            return instead
        body = spoken.plain(body)
        if words := gemini_rules.refusal(model, body):
            return error(400, words)
        number = self._script.number()
        reply = fitted(reply, spoken.schema(body))
        reply = cached(request, self._script, body, reply, model, of_gemini(body))
        request.scope["asked"] = model, spoken.counts(body, reply)
        if verb == "generateContent":
            return JSONResponse(spoken.whole(model, body, reply, number))
        events = spoken.events(model, body, reply, number)
        sent = frames(events, reply, named=False, done=False)
        return StreamingResponse(sent, media_type="text/event-stream")

    async def _model(self, request: Request) -> Response:
        _, reply = await received(request, self._script)
        name = request.path_params["name"]
        model = {"name": f"models/{name}", "displayName": name, "inputTokenLimit": 1_048_576}
        return _scripted(reply) or JSONResponse(model)


def error(status: int, message: str, code: str | None = None, **headers: str) -> Response:
    """`code`: the reason among the details; `retry-after` stands there, too."""
    kind = "type.googleapis.com/google.rpc."
    details: list[Json] = []
    if code:
        details.append({"@type": f"{kind}ErrorInfo", "reason": code})
    if wait := headers.pop("retry-after", None):
        details.append({"@type": f"{kind}RetryInfo", "retryDelay": f"{wait}s"})
    said = {"code": status, "message": message, "status": _STATUS.get(status, "UNKNOWN")}
    return JSONResponse({"error": {**said, "details": details}}, status, headers)


def _scripted(reply: Reply) -> Response | None:
    headers = dict(reply.headers)
    if reply.verbatim is not None:
        return Response(reply.verbatim, reply.status, headers, reply.media_type)
    if reply.status == 200:
        return None
    return error(reply.status, reply.error, reply.code, **headers)
