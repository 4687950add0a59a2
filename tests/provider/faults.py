"""What goes wrong on the wire after an answer has begun well. Knows no vendor's format but frames.

A layer around the application: it holds back, tears, repeats or drops what is sent, and makes out
the bill for what really was.
"""

import asyncio
import socket
import struct
from collections.abc import MutableMapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.provider.account import Bill

if TYPE_CHECKING:
    from tests.provider.script import Script

Kind = Literal[
    "silence", "stall", "trickle", "close", "torn", "broken", "reset", "repeat", "no end"
]
_LOOK = 0.01  # seconds: how often a waiting answer looks whether its listener is still there


@dataclass(frozen=True, slots=True)
class Fault:
    """silence    for `seconds` before the first byte
    stall      for `seconds` after so many frames
    trickle    `seconds` before every frame
    close      the stream ends in good order after so many frames, without its finish
    torn       the same in the middle of a frame
    broken     the connection is closed after so many frames
    reset      the same by a reset
    repeat     a frame comes twice
    no end     everything but the `[DONE]`

    A whole answer is cut in its middle where a stream would end too early.
    """

    kind: Kind
    after: int = 0
    seconds: float = 0.0


class OverWire(H11Protocol):
    """Lets the application see the connection that it answers on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Wire:
    def __init__(self, app: ASGIApp, script: "Script") -> None:
        self._app = app
        self._script = script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        try:
            await self._app(scope, receive, answer.send)
        except _Ended:
            pass
        finally:
            if answer.bill:
                self._script.served.append(answer.bill.made_out())


class _Ended(Exception):
    """Nothing more is sent."""


class _Answer:
    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._at = monotonic()
        self._transport: asyncio.Transport = scope["state"]["transport"]
        self._frames = 0
        self.bill: Bill | None = None

    async def send(self, message: MutableMapping[str, Any]) -> None:
        asked, fault = self._scope.get("asked"), self._scope.get("fault")
        if self.bill is None and asked is not None:
            model, usage = asked
            self.bill = Bill(model, usage, self._at)
        if fault is None:
            await self._pass(message)
        elif message["type"] == "http.response.start":
            if fault.kind == "silence":
                await self._wait(fault.seconds)
            await self._pass(message)
        else:
            await self._spoil(message, fault)

    async def _spoil(self, message: MutableMapping[str, Any], fault: Fault) -> None:
        body, streamed = message.get("body", b""), message.get("more_body", False)
        due = self._frames == fault.after or not streamed
        self._frames += 1
        match fault.kind:
            case "trickle":
                await self._wait(fault.seconds)
            case "stall" if due and body:
                await self._wait(fault.seconds)
            case "close" | "torn" if due and streamed:
                half = body[: len(body) // 2] if fault.kind == "torn" else b""
                await self._send({"type": "http.response.body", "body": half})
                raise _Ended
            case "close" | "torn" | "broken" | "reset" if due and body:
                await self._cut(body if not streamed else b"", reset=fault.kind == "reset")
            case "repeat" if due and streamed:
                await self._pass(message)
            case "no end" if body.startswith(b"data: [DONE]"):
                return
            case _:
                pass
        await self._pass(message)

    async def _pass(self, message: MutableMapping[str, Any]) -> None:
        if self.bill and not self._transport.is_closing():
            self.bill.sent(message.get("body", b""))
        await self._send(message)

    async def _wait(self, seconds: float) -> None:
        until = monotonic() + seconds
        while monotonic() < until and not self._transport.is_closing():  # noqa: ASYNC110 - no event
            await asyncio.sleep(min(_LOOK, seconds))

    async def _cut(self, body: bytes, *, reset: bool) -> None:
        if body:
            half = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            await self._send(half)
        await asyncio.sleep(2 * _LOOK)  # a reset throws away what was not read yet
        if reset:
            linger = struct.pack("ii", 1, 0)
            sock: socket.socket = self._transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()
        await asyncio.sleep(_LOOK)
        raise _Ended
