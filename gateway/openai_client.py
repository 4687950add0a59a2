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
        http_client=httpx2.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, trust_env=False),
    )


@contextmanager
def translated(model: str) -> Iterator[None]:
    """The SDK's exceptions as ours, with the model and the provider's words."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error, model) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise ModelUnreachable(f"{model} cannot be reached: {_root(error)}.") from error
    except openai.APIError as error:  # an error event inside a stream
        raise ModelUnreachable(f"{model} broke off: {error.message}") from error


def _of_status(error: openai.APIStatusError, model: str) -> ModelError:
    said = f"{model} answered {error.status_code}: {error.message}"
    if error.status_code == _NO_MONEY or error.code == "insufficient_quota":
        return ModelBalanceEmpty(f"{said} Top up the account, or set another OPENAI_API_KEY.")
    if error.status_code == _TOO_MANY:
        return ModelRateLimited(said, retry_after=_seconds(error.response.headers))
    if error.status_code >= _SERVER:
        return ModelUnreachable(said, retry_after=_seconds(error.response.headers))
    if error.status_code in {401, 403}:
        return ModelRejected(f"{said} Check OPENAI_API_KEY and what it may use.")
    return ModelRejected(said)


def _seconds(headers: httpx2.Headers) -> float | None:
    """`retry-after` as OpenAI sends it; a date is not worth a parser here."""
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _root(error: BaseException) -> str:
    cause = error.__cause__
    return str(cause or error) or type(error).__name__
