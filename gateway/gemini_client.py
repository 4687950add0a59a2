"""The Gemini client, and what its errors mean here. One place for both.

Retries are ours (`gateway/policy/`), so the SDK's own are off. It is always the Gemini API,
whatever the environment says of Vertex.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx2
from google import genai
from google.genai import errors, types
from google.genai.client import AsyncClient

from domain.errors import (
    ModelBalanceEmpty,
    ModelContextExceeded,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.connection import broken, http_client, seconds, sentence, unreadable, usable

_OWN = "https://generativelanguage.googleapis.com"
_VERSION = "v1"
_NO_MONEY = 402
_TOO_MANY = 429
_SERVER = 500
_TRANSIENT = frozenset({408, 500, 502, 503, 504})
_SPENT = "credits are depleted"  # a 429 that no waiting mends
_TOO_LONG = "exceeds the maximum number of tokens"
_OPENED: ContextVar[list[httpx2.Response] | None] = ContextVar("opened", default=None)
_NEXT_STEP = {
    401: " Check GEMINI_API_KEY.",
    403: " Check what GEMINI_API_KEY may use.",
    404: " Check the model's name in the settings, and GEMINI_BASE_URL.",
    413: " The request is larger than the API takes: send fewer passages or smaller images.",
}


@dataclass(frozen=True, slots=True)
class GeminiConfig:
    api_key: str = field(repr=False)
    base_url: str | None = None  # None: Google's own; without a version


@asynccontextmanager
async def open_gemini(config: GeminiConfig) -> AsyncIterator[AsyncClient]:
    key = usable(config.api_key, "GEMINI_API_KEY")
    http = http_client("GEMINI_BASE_URL")
    http.event_hooks["response"].append(_remember)
    with httpx2.Client(trust_env=False) as unused:  # the SDK would make one, from the environment
        options = types.HttpOptions(
            base_url=config.base_url or _OWN,
            api_version=_VERSION,
            httpx_client=unused,
            httpx_async_client=http,
        )
        async with http:
            yield genai.Client(vertexai=False, api_key=key, http_options=options).aio


async def stream_of(
    client: AsyncClient,
    model: str,
    contents: list[types.Content],
    config: types.GenerateContentConfig,
) -> AsyncGenerator[types.GenerateContentResponse, None]:
    """Closes the response when it is closed. The SDK leaves that to the garbage collector."""
    opened: list[httpx2.Response] = []
    chunks = await client.models.generate_content_stream(
        model=model, contents=list(contents), config=config
    )
    try:
        before = _OPENED.set(opened)
        try:
            first = await anext(chunks, None)
        finally:
            _OPENED.reset(before)
        if first is not None:
            yield first
        async for chunk in chunks:
            yield chunk
    finally:
        for response in opened:
            await response.aclose()


async def _remember(response: httpx2.Response) -> None:
    if (opened := _OPENED.get()) is not None:
        opened.append(response)


@contextmanager
def translated(model: str) -> Iterator[None]:
    """The SDK's exceptions as ours, with the model and the provider's words."""
    try:
        yield
    except errors.APIError as error:
        raise _of_status(error, model) from error
    except httpx2.TransportError as error:
        raise broken(model, error) from error
    except (ValueError, TypeError, AttributeError) as error:  # torn JSON, or JSON of another kind
        raise unreadable(model, error) from error


def _of_status(error: errors.APIError, model: str) -> ModelError:
    said = f"{model} answered {error.code}: {sentence(error.message or error.status or 'nothing')}"
    if error.code == _NO_MONEY or _SPENT in said:
        return ModelBalanceEmpty(f"{said} Top up the account, or set another GEMINI_API_KEY.")
    if error.code == _TOO_MANY:
        return ModelRateLimited(said, retry_after=_retry_after(error))
    if error.code in _TRANSIENT or error.code >= _SERVER:
        transient = error.code in _TRANSIENT
        wait = _retry_after(error)
        return ModelUnreachable(said, retry_after=wait, transient=transient, begun=False)
    if _TOO_LONG in said:
        return ModelContextExceeded(said)
    wrong_key = any(detail.get("reason") == "API_KEY_INVALID" for detail in _details(error))
    return ModelRejected(said + _NEXT_STEP.get(401 if wrong_key else error.code, ""))


def _retry_after(error: errors.APIError) -> float | None:
    """A header, or a duration such as "13.5s" among the details."""
    for detail in _details(error):
        said = str(detail.get("retryDelay", "")).removesuffix("s")
        if said.replace(".", "", 1).isdigit():
            return float(said)
    headers = getattr(error.response, "headers", None)  # none: an error inside a stream
    return seconds(headers) if isinstance(headers, httpx2.Headers) else None


def _details(error: errors.APIError) -> list[dict[str, Any]]:
    """As the wire has them: a list of objects of many kinds."""
    body = error.details if isinstance(error.details, dict) else {}
    inner = body.get("error")
    found = inner.get("details") if isinstance(inner, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
