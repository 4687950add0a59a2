"""What goes wrong between us and a hosted reranker, in the domain's words.

The next step names settings, never the key.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from domain.errors import (
    ModelBalanceEmpty,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)

_REDIRECT = range(300, 400)
_NO_MONEY = 402
_TOO_MANY = 429
_SERVER = 500
_TRANSIENT = frozenset({500, 502, 503, 504})
# Cut off while it answered, or too slow. To ask again changes nothing there.
_PASSING = (httpx2.ReadTimeout, httpx2.ReadError, httpx2.RemoteProtocolError)
_LONGEST = 500  # characters of a provider's words
_NEXT_STEP = {
    401: " Check FOREBAY_RERANK__API_KEY.",
    403: " Check what FOREBAY_RERANK__API_KEY may use.",
    404: " Check FOREBAY_RERANK__MODEL and FOREBAY_RERANK__BASE_URL.",
    405: " Check FOREBAY_RERANK__BASE_URL: the address of the API, without /rerank.",
    413: " Set FOREBAY_RERANK__BATCH lower.",
    422: " Check FOREBAY_RERANK__PROVIDER, or set FOREBAY_RERANK__BATCH lower.",
}


@contextmanager
def translated(model: str) -> Iterator[None]:
    try:
        yield
    except httpx2.RequestError as error:
        why = str(error) or type(error).__name__
        raise ModelUnreachable(
            f"{model} cannot be reached: {_sentence(why)}",
            transient=isinstance(error, _PASSING),
            begun=isinstance(error, _PASSING),
        ) from error


def failure(response: httpx2.Response, model: str) -> ModelError:
    """Of a response that is no success."""
    status = response.status_code
    said = f"{model} answered {status}: {_sentence(_words(response))}"
    if status == _NO_MONEY:
        return ModelBalanceEmpty(f"{said} Top up the account, or set another model.")
    if status == _TOO_MANY:
        return ModelRateLimited(said, retry_after=_seconds(response.headers))
    if status >= _SERVER:
        return ModelUnreachable(
            said,
            retry_after=_seconds(response.headers),
            transient=status in _TRANSIENT,
            begun=False,
        )
    if status in _REDIRECT:  # the key does not follow it
        to = response.headers.get("location", "elsewhere")
        return ModelRejected(
            f"{model} is elsewhere: {to[:_LONGEST]}. Set FOREBAY_RERANK__BASE_URL to where it is."
        )
    return ModelRejected(said + _NEXT_STEP.get(status, ""))


def unusable(model: str, why: str) -> ModelUnreachable:
    return ModelUnreachable(
        f"{model} answered what cannot be used: {_sentence(why)} Check FOREBAY_RERANK__PROVIDER "
        "and FOREBAY_RERANK__BASE_URL, or set another model."
    )


def _words(response: httpx2.Response) -> str:
    """What the server says: each calls it by another name."""
    try:
        said = json.loads(response.content)
    except (ValueError, RecursionError):
        return _short(response.text) or response.reason_phrase
    while isinstance(said, dict):
        said = next((said[name] for name in ("message", "detail", "error") if said.get(name)), "")
    return _short(said if isinstance(said, str) else json.dumps(said)) or response.reason_phrase


def _short(said: str) -> str:
    return " ".join(said.split())[:_LONGEST]


def _seconds(headers: httpx2.Headers) -> float | None:
    """`retry-after` in seconds; a date is not worth a parser here."""
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _sentence(said: str) -> str:
    return f"{said.rstrip('.')}."
