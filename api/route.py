"""Routes whose JSON is text: half of a surrogate pair, which JSON can say and nothing behind it can
write, is refused where it comes in.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Route(APIRoute):
    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            return await handle(_Asked(request.scope, request.receive))

        return handled


class _Asked(Request):
    async def json(self) -> Any:
        value, body = await super().json(), await self.body()
        if b"\\u" in body or b"\xed" in body:  # else there can be none
            try:
                json.dumps(value, ensure_ascii=False).encode()
            except UnicodeEncodeError as error:
                raise json.JSONDecodeError(
                    "half of a surrogate pair", body.decode(errors="replace"), 0
                ) from error
        return value
