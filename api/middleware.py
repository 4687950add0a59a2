"""Around every request: name it, count it until its last byte, refuse a body that is too large or
too slow, end what takes too long, and send the headers that every answer has.
"""

import asyncio
import math
import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.drain import ENDED, Drain
from api.problems import problem
from domain.request_id import REQUEST_ID
from wiring.limits import Standing
from wiring.telemetry import Telemetry

MAX_BODY_BYTES = 1_000_000
UPLOADS = "/v1/documents"
_PAUSE = 30.0  # seconds without a byte of a body that is not complete
_NAMED = "x-request-id"
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_ALWAYS = {  # what an endpoint sets itself stays
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


@dataclass(frozen=True, slots=True)
class Bounds:
    upload_bytes: int
    seconds: float  # from the end of a request to the beginning of its answer
    hsts: bool = False


class Guard:
    def __init__(self, app: ASGIApp, telemetry: Telemetry, bounds: Bounds, drain: Drain) -> None:
        self._app = app
        self._telemetry = telemetry
        self._bounds = bounds
        self._drain = drain
        self._headers = {**_ALWAYS, **(_HSTS if bounds.hsts else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        REQUEST_ID.set(name := _name(headers))  # each request has a context of its own
        with self._telemetry.request(scope["method"], headers) as seen:
            limit = asyncio.timeout(self._bounds.seconds)

            async def counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._drain.spare(limit)
                    if not limit.expired():
                        limit.reschedule(None)
                    self._complete(message, scope, name)
                    seen.status = message["status"]
                    seen.route = getattr(scope.get("route"), "path", "none")
                await send(message)

            async def heard() -> Message:
                message = await bounded()
                if limit.when() is not None and not (limit.expired() or self._drain.over):
                    now = asyncio.get_running_loop().time()
                    limit.reschedule(now + self._bounds.seconds)
                return message

            bounded = _bounded(receive, self._most_bytes(scope))
            try:
                async with limit:
                    with self._drain.ends(limit):
                        await self._app(scope, heard, counted)
            except TimeoutError:
                if not limit.expired():
                    raise
                await self._too_slow()(scope, receive, counted)

    def _most_bytes(self, scope: Scope) -> int:
        is_upload = scope["path"].startswith(UPLOADS) and scope["method"] in {"POST", "PUT"}
        return self._bounds.upload_bytes if is_upload else MAX_BODY_BYTES

    def _complete(self, message: Message, scope: Scope, name: str) -> None:
        headers = MutableHeaders(scope=message)
        headers[_NAMED] = name
        for header, value in self._headers.items():
            headers.setdefault(header, value)
        standing: Standing | None = scope.get("state", {}).get("standing")
        if standing:
            headers["RateLimit-Limit"] = str(standing.limit)
            headers["RateLimit-Remaining"] = str(standing.remaining)
            headers["RateLimit-Reset"] = str(math.ceil(standing.reset))

    def _too_slow(self) -> ASGIApp:
        if self._drain.over:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "Unavailable", ENDED)
        seconds = f"{self._bounds.seconds:g} s"
        detail = f"There is no answer after {seconds}. FOREBAY_API__SECONDS sets this."
        return problem(HTTPStatus.GATEWAY_TIMEOUT, "Deadline exceeded", detail)


def _name(headers: Headers) -> str:
    """The caller's, where it can stand in a log line."""
    given = headers.get(_NAMED, "")
    return given if _NAME.fullmatch(given) else uuid.uuid4().hex


def _bounded(receive: Receive, most: int) -> Receive:
    """FastAPI hands on HTTPException alone."""
    taken, complete = 0, False

    async def bounded() -> Message:
        nonlocal taken, complete
        try:
            async with asyncio.timeout(None if complete else _PAUSE):
                message = await receive()
        except TimeoutError as error:
            detail = f"Nothing of this request's body has come for {_PAUSE:g} s."
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, detail) from error
        complete = not message.get("more_body", False)
        taken += len(message.get("body", b""))
        if taken > most:
            detail = f"The body of this request may have {most:,} bytes."
            if most != MAX_BODY_BYTES:
                detail += " FOREBAY_UPLOAD__REQUEST_MB sets this."
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        return message

    return bounded
