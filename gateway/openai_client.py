"""The OpenAI client, and what its errors mean here. One place for both.

Retries are ours (`gateway/retry.py`), so the SDK's own are off.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import openai

from domain.errors import (
    ModelBalanceEmpty,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)

_TIMEOUT = httpx2.Timeout(connect=5, read=120, write=10, pool=5)
_LIMITS = httpx2.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=30)
_NO_MONEY = 402
_TOO_MANY = 429
_SERVER = 500
_TRANSIENT = frozenset({500, 502, 503, 504})
_NEXT_STEP = {
    401: " Check OPENAI_API_KEY.",
    403: " Check what OPENAI_API_KEY may use.",
    404: " Check the model's name in the settings, and OPENAI_BASE_URL.",
}
_REJECTED_CODES = frozenset(
    {
        "bio_policy",
        "context_length_exceeded",
        "data_residency_mismatch",
        "invalid_prompt",
        "misalignment_policy_violation",
    }
)


@dataclass(frozen=True, slots=True)
class OpenAIConfig:
    api_key: str = field(repr=False)
    base_url: str | None = None  # None: OpenAI's own
    organization: str | None = None
    project: str | None = None


def open_client(config: OpenAIConfig) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=config.api_key,
        base_url=config.base_url,
        organization=config.organization,
        project=config.project,
        max_retries=0,
        http_client=httpx2.AsyncClient(
            timeout=_TIMEOUT,
            limits=_LIMITS,
            trust_env=False,
            event_hooks={"response": [_refuse_web_page]},
        ),
    )


@contextmanager
def translated(model: str) -> Iterator[None]:
    """The SDK's exceptions as ours, with the model and the provider's words."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error, model) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise _of_connection(error, model) from error
    except openai.APIResponseValidationError as error:
        raise ModelRejected(f"{model}: {error.message}") from error
    except openai.APIError as error:  # an error inside a stream
        raise failure(model, error.code, error.message) from error
    except ValueError as error:  # what the SDK says to JSON that is cut or lacks its data
        raise ModelUnreachable(f"{model} answered what cannot be read: {error}.") from error


def failure(model: str, code: str | None, message: str) -> ModelError:
    """What a model says went wrong after its answer has begun with status 200."""
    said = f"{model} failed: {_sentence(message)}"
    if code == "insufficient_quota":
        return ModelBalanceEmpty(said)
    if code == "rate_limit_exceeded":
        return ModelRateLimited(said)
    if code in _REJECTED_CODES:
        return ModelRejected(said)
    return ModelUnreachable(said, transient=code == "server_error")


def _of_status(error: openai.APIStatusError, model: str) -> ModelError:
    words = error.message.removeprefix(f"Error code: {error.status_code} - ")
    said = f"{model} answered {error.status_code}: {_sentence(words)}"
    if error.status_code == _NO_MONEY or error.code == "insufficient_quota":
        return ModelBalanceEmpty(f"{said} Top up the account, or set another OPENAI_API_KEY.")
    if error.status_code == _TOO_MANY:
        return ModelRateLimited(said, retry_after=_seconds(error.response.headers))
    if error.status_code >= _SERVER:
        return ModelUnreachable(
            said,
            retry_after=_seconds(error.response.headers),
            transient=error.status_code in _TRANSIENT,
        )
    return ModelRejected(said + _NEXT_STEP.get(error.status_code, ""))


def _of_connection(error: Exception, model: str) -> ModelUnreachable:
    cause = error.__cause__ or error
    why = str(cause) or type(cause).__name__
    return ModelUnreachable(
        f"{model} cannot be reached: {_sentence(why)}",
        transient=isinstance(cause, httpx2.ReadTimeout),
    )


async def _refuse_web_page(response: httpx2.Response) -> None:
    """The SDK would hand the page on as text; it means that the address is not the API's."""
    if response.is_success and response.headers.get("content-type", "").startswith("text/html"):
        raise openai.APIResponseValidationError(
            response,
            None,
            message=f"{response.url} is a web page. Set OPENAI_BASE_URL to the API itself; it "
            "usually ends in /v1.",
        )


def _seconds(headers: httpx2.Headers) -> float | None:
    """`retry-after` as OpenAI sends it; a date is not worth a parser here."""
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _sentence(said: str) -> str:
    return f"{said.rstrip('.')}."
