"""The OpenAI client, and what its errors mean here. One place for both.

Retries are ours, so the SDK's own are off.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import openai

from domain.errors import (
    ModelBalanceEmpty,
    ModelContextExceeded,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.connection import broken, http_client, seconds, sentence, unreadable

_TOO_LONG = frozenset({"context_length_exceeded", "exceed_context_size_error"})  # llama.cpp's
_NO_MONEY = 402
_TOO_MANY = 429
_SERVER = 500
_TRANSIENT = frozenset({408, 500, 502, 503, 504})
_NEXT_STEP = {
    401: " Check OPENAI_API_KEY.",
    403: " Check what OPENAI_API_KEY may use.",
    404: " Check the model's name in the settings, and OPENAI_BASE_URL.",
}
_REJECTED_CODES = frozenset(
    """
    bio_policy data_residency_mismatch invalid_prompt
    misalignment_policy_violation
    empty_image_file failed_to_download_image image_content_policy_violation image_file_not_found
    image_file_too_large image_parse_error image_too_large image_too_small invalid_base64_image
    invalid_image invalid_image_format invalid_image_mode invalid_image_url
    unsupported_image_media_type
    """.split()
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
        http_client=http_client("OPENAI_BASE_URL"),
    )


@contextmanager
def translated(model: str) -> Iterator[None]:
    """The SDK's exceptions as ours, with the model and the provider's words."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(error, model) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise broken(model, error) from error
    except openai.APIError as error:  # an error inside a stream
        raise failure(model, error.code, error.message) from error
    except (ValueError, LookupError, AttributeError, TypeError) as error:  # JSON that lacks a part
        raise unreadable(model, error) from error


def failure(model: str, code: str | None, message: str) -> ModelError:
    """What a model says went wrong after its answer has begun with status 200."""
    said = f"{model} failed: {sentence(message)}"
    if code == "insufficient_quota":
        return ModelBalanceEmpty(said)
    if code == "rate_limit_exceeded":
        return ModelRateLimited(said)
    if code in _TOO_LONG:
        return ModelContextExceeded(said)
    if code in _REJECTED_CODES:
        return ModelRejected(said)
    return ModelUnreachable(said, transient=code == "server_error")


def _of_status(error: openai.APIStatusError, model: str) -> ModelError:
    words = error.message.removeprefix(f"Error code: {error.status_code} - ")
    said = f"{model} answered {error.status_code}: {sentence(words)}"
    if error.status_code == _NO_MONEY or error.code == "insufficient_quota":
        return ModelBalanceEmpty(f"{said} Top up the account, or set another OPENAI_API_KEY.")
    if error.status_code == _TOO_MANY:
        return ModelRateLimited(said, retry_after=seconds(error.response.headers))
    if error.status_code >= _SERVER or error.status_code in _TRANSIENT:
        return ModelUnreachable(
            said,
            retry_after=seconds(error.response.headers),
            transient=error.status_code in _TRANSIENT,
            begun=False,
        )
    if {error.code, error.type} & _TOO_LONG:
        return ModelContextExceeded(said)
    return ModelRejected(said + _NEXT_STEP.get(error.status_code, ""))
