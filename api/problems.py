"""Every error as a problem document (RFC 9457). The one place where errors meet status codes."""

import json
import logging
from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from domain import errors

_log = logging.getLogger("forebay.api")

STATUS: tuple[tuple[type[errors.ForebayError], int], ...] = (  # the first that fits
    (errors.InvalidInput, 422),
    (errors.NotFound, 404),
    (errors.Unauthorized, 401),
    (errors.Forbidden, 403),
    (errors.TooManyRequests, 429),
    (errors.StillAnswering, 409),
    (errors.VectorSpaceMismatch, 409),
    (errors.Misconfigured, 500),
    (errors.ParseFailed, 422),
    (errors.CostNotAccepted, 402),
    (errors.CapReached, 402),
    (errors.DeadlineExceeded, 504),
    (errors.Unavailable, 503),
    (errors.ModelRateLimited, 503),
    (errors.ModelError, 502),
    (errors.ForebayError, 500),
)
_SAY_WHEN = (
    errors.TooManyRequests,
    errors.CapReached,
    errors.ModelRateLimited,
    errors.ModelUnreachable,
)


class Problem(Response):
    media_type = "application/problem+json"


_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_WORDS = {  # of the OpenAPI document
    "401": "No key, or one that is not known",
    "403": "The key is not for this",
    "422": "Something of the request is wrong: `errors` names where",
    "429": "More than the key may send; `Retry-After` says when",
    "4XX": "Any other request that cannot be served",
    "5XX": "Something behind the service, or the service itself, failed",
}


def documented(content: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """What every endpoint may answer beside what it says itself."""
    return {code: {"description": said, "content": content} for code, said in _WORDS.items()}


CONTENT = {Problem.media_type: {"schema": _SCHEMA}}
DOCUMENTED = documented(CONTENT)


def problem(
    status: int, title: str, detail: str, *, fields: list[tuple[str, str]] | None = None
) -> Problem:
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    body["detail"] = detail
    if fields:
        body["errors"] = [{"field": field, "detail": text} for field, text in fields]
    return Problem(json.dumps(body, ensure_ascii=False), status_code=status)


def of(error: errors.ForebayError) -> Problem:
    """What a client is told of an error that Forebay raised on purpose."""
    status = next(code for kind, code in STATUS if isinstance(error, kind))
    field = error.field if isinstance(error, errors.InvalidInput) else None
    response = problem(
        status, _title(error), str(error), fields=[(field, str(error))] if field else None
    )
    if isinstance(error, errors.Unauthorized):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, _SAY_WHEN) and error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.ForebayError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(_: Request, error: Exception) -> Response:
    return of(cast("errors.ForebayError", error))


async def _invalid(_: Request, error: Exception) -> Response:
    fields = [*map(faulty, cast("RequestValidationError", error).errors())]
    detail = "; ".join(f"{field}: {text}" for field, text in fields)
    return problem(422, "Invalid input", detail, fields=fields)


def faulty(error: Mapping[str, Any]) -> tuple[str, str]:
    """The field, and what is wrong with it. A body's own checks name the field beside the place:
    `field` in their context.
    """
    context = error.get("ctx", {})
    if error["type"] == "json_invalid":
        return "body", f"It is not JSON: {context['error']}, at character {error['loc'][-1]}"
    parts = [*error["loc"], *filter(None, [context.get("field")])]
    return ".".join(str(part) for part in parts if part != "body") or "body", error["msg"]


async def _http(_: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    response = problem(error.status_code, str(error.detail), str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _unforeseen(request: Request, error: Exception) -> Response:
    _log.error("unforeseen error at %s", request.url.path, exc_info=error)
    return problem(500, "Internal error", "Something went wrong here; the service's log says what.")


def _title(error: errors.ForebayError) -> str:
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(error).__name__)
    return words.strip().capitalize()
