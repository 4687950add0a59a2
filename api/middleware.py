"""Around every request: count it until its last byte, and refuse a body that is too large."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wiring.telemetry import Telemetry

MAX_BODY_BYTES = 1_000_000


class Guard:
    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._telemetry.request() as seen:

            async def counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.status = message["status"]
                    seen.route = getattr(scope.get("route"), "path", "none")
                await send(message)

            await self._app(scope, _bounded(receive), counted)


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY_BYTES:  # FastAPI hands on this kind of exception alone
            detail = f"The body of a request may have {MAX_BODY_BYTES:,} bytes."
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        return message

    return bounded
