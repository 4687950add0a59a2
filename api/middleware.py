"""Around every request: count it until its last byte, and refuse a body that is too large."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wiring.telemetry import Telemetry

MAX_BODY_BYTES = 1_000_000
UPLOADS = "/v1/documents"


class Guard:
    def __init__(self, app: ASGIApp, telemetry: Telemetry, most_upload_bytes: int) -> None:
        self._app = app
        self._telemetry = telemetry
        self._most_upload_bytes = most_upload_bytes

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

            await self._app(scope, _bounded(receive, self._most_bytes(scope)), counted)

    def _most_bytes(self, scope: Scope) -> int:
        is_upload = scope["path"].startswith(UPLOADS) and scope["method"] in {"POST", "PUT"}
        return self._most_upload_bytes if is_upload else MAX_BODY_BYTES


def _bounded(receive: Receive, most: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:  # FastAPI hands on this kind of exception alone
            detail = f"The body of this request may have {most:,} bytes."
            if most != MAX_BODY_BYTES:
                detail += " FOREBAY_UPLOAD__REQUEST_MB sets this."
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        return message

    return bounded
