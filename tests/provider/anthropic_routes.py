"""Anthropic's paths, under /anthropic. The SDK's types are imported with the first request."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.provider import shape
from tests.provider.blocks import of_anthropic
from tests.provider.fitting import fitted
from tests.provider.http import cached, frames, received
from tests.provider.script import Reply, Script

Json = dict[str, Any]

_KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
    403: "permission_error", 404: "not_found_error", 413: "request_too_large",
    429: "rate_limit_error", 504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip


class Routes:
    def __init__(self, script: Script) -> None:
        self._script = script

    def all(self) -> list[Route]:
        return [
            Route("/anthropic/v1/messages", self._speak, methods=["POST"]),
            Route("/anthropic/v1/models/{name}", self._model),
        ]

    async def _speak(self, request: Request) -> Response:
        from tests.provider import anthropic_messages as spoken

        body, reply = await received(request, self._script)
        number = self._script.number()
        if instead := _scripted(reply, number) or _refused(body, number):
            return instead
        reply = fitted(reply, spoken.schema(body))
        blocks = of_anthropic(body)
        reply = cached(request, self._script, body, reply, body["model"], blocks)
        headers = {"request-id": f"req_{number}"}
        request.scope["asked"] = body["model"], spoken.usage(body, reply)
        if not body.get("stream"):
            return JSONResponse(spoken.whole(body, reply, number), headers=headers)
        sent = frames(spoken.events(body, reply, number), reply, named=True)
        return StreamingResponse(sent, media_type="text/event-stream", headers=headers)

    async def _model(self, request: Request) -> Response:
        _, reply = await received(request, self._script)
        name = request.path_params["name"]
        model = {
            "id": name, "type": "model", "display_name": name, "lifecycle": "active",
            "created_at": "2026-01-01T00:00:00Z", "capabilities": None,
        }  # fmt: skip
        return _scripted(reply, self._script.number()) or JSONResponse(model)


def error(
    status: int, message: str, number: int, code: str | None = None, **headers: str
) -> Response:
    said: Json = {"type": _KINDS.get(status, "api_error"), "message": message}
    if code:
        said["details"] = {"error_code": code}
    body = {"type": "error", "error": said, "request_id": f"req_{number}"}
    return JSONResponse(body, status, {**headers, "request-id": f"req_{number}"})


def _scripted(reply: Reply, number: int) -> Response | None:
    headers = dict(reply.headers)
    if reply.verbatim is not None:
        return Response(reply.verbatim, reply.status, headers, reply.media_type)
    if reply.status == 200:
        return None
    return error(reply.status, reply.error, number, reply.code, **headers)


def _refused(body: Json, number: int) -> Response | None:
    from tests.provider import anthropic_messages, anthropic_rules

    shaped = {key: value for key, value in body.items() if key != "stream"}
    if found := shape.wrong(shaped, anthropic_messages.SHAPE):
        field, code = found
        words = "Extra inputs are not permitted" if code == "unknown_parameter" else code
        return error(400, f"{field}: {words}", number)
    refusal = anthropic_rules.refusal(body)
    return error(400, refusal, number) if refusal else None
