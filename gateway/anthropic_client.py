"""The Anthropic client, and what its errors mean here. One place for both.

Retries are ours (`gateway/policy/`), so the SDK's own are off; its tracing too.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import anthropic
import httpx2

from domain.errors import (
    ModelBalanceEmpty,
    ModelContextExceeded,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.connection import broken, http_client, seconds, sentence, unreadable, usable

_OWN = "https://api.anthropic.com"
_STATUS = {  # of an error that arrives inside a stream, which has begun with 200
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_NO_MONEY = 402
_TOO_MANY = 429
_SERVER = 500
_TRANSIENT = frozenset({408, 500, 502, 503, 504, 529})
_SPENT = frozenset({"contract_spend_limit_reached", "enforced_spend_limit_reached"})
_TOO_LONG = ("prompt is too long", "exceeds the available context size")  # the second: llama.cpp's
_NEXT_STEP = {
    401: " Check ANTHROPIC_API_KEY.",
    403: " Check what ANTHROPIC_API_KEY may use.",
    404: " Check the model's name in the settings, and ANTHROPIC_BASE_URL.",
    413: " The request is larger than the API takes: send fewer passages or smaller images.",
}


@dataclass(frozen=True, slots=True)
class AnthropicConfig:
    api_key: str = field(repr=False)
    base_url: str | None = None  # None: Anthropic's own


@asynccontextmanager
async def open_anthropic(config: AnthropicConfig) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        api_key=usable(config.api_key, "ANTHROPIC_API_KEY"),
        base_url=config.base_url or _OWN,
        max_retries=0,
        open_telemetry=False,
        http_client=http_client("ANTHROPIC_BASE_URL"),
    ) as client:
        yield client


@contextmanager
def translated(model: str) -> Iterator[None]:
    """The SDK's exceptions as ours, with the model and the provider's words."""
    try:
        yield
    except anthropic.APIStatusError as error:
        raise _of_status(error, model) from error
    except (anthropic.APIConnectionError, httpx2.TransportError) as error:
        raise broken(model, error) from error
    except anthropic.APIResponseValidationError as error:
        raise ModelRejected(f"{model}: {error.message}") from error
    except (ValueError, AttributeError) as error:  # torn JSON, or JSON that lacks what it must have
        raise unreadable(model, error) from error


def _of_status(error: anthropic.APIStatusError, model: str) -> ModelError:
    status = error.status_code
    if status < 400:  # noqa: PLR2004 - inside a stream: its type says what the status would be
        status = _STATUS.get(error.type or "", _SERVER)
    said = f"{model} answered {status}: {sentence(error.api_message or error.message)}"
    if status == _NO_MONEY or error.error_code in _SPENT or "credit balance" in said:
        return ModelBalanceEmpty(f"{said} Top up the account, or set another ANTHROPIC_API_KEY.")
    if status == _TOO_MANY:
        return ModelRateLimited(said, retry_after=seconds(error.response.headers))
    if status in _TRANSIENT or status >= _SERVER:
        return ModelUnreachable(
            said,
            retry_after=seconds(error.response.headers),
            transient=status in _TRANSIENT,
            begun=False,
        )
    if any(words in said for words in _TOO_LONG):
        return ModelContextExceeded(said)
    return ModelRejected(said + _NEXT_STEP.get(status, ""))
