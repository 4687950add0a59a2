"""Routes that speak OpenAI's format: errors have its shape, and its status for a wrong request."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api import problems
from api.route import Handler, Route
from domain.errors import ForebayError

_INVALID = 422
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
}
_CODES = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found"}

_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
# What goes wrong before a route is reached has no shape but ours.
DOCUMENTED = problems.documented({"application/json": {"schema": _SCHEMA}, **problems.CONTENT})


class OpenAIRoute(Route):
    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except ForebayError as error:
                return shaped(error)
            except RequestValidationError as error:
                return _said(400, *_first(error))
            except HTTPException as error:
                return _said(error.status_code, str(error.detail))

        return handled


def broken(error: ForebayError) -> bytes:
    """Of a stream that cannot go on."""
    return bytes(shaped(error).body)


def shaped(error: ForebayError) -> Response:
    told = problems.of(error)
    status = 400 if told.status_code == _INVALID else told.status_code
    response = _said(status, str(error), getattr(error, "field", None))
    for name in ("retry-after", "www-authenticate"):
        if name in told.headers:
            response.headers[name] = told.headers[name]
    return response


def _said(status: int, message: str, param: str | None = None) -> JSONResponse:
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")  # noqa: PLR2004
    error = {"message": message, "type": kind, "param": param, "code": _CODES.get(status)}
    return JSONResponse({"error": error}, status_code=status)


def _first(error: RequestValidationError) -> tuple[str, str]:
    place, said = problems.faulty(error.errors()[0])
    return f"{place}: {said}", "" if place == "body" else place
