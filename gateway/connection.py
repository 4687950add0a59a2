"""How a provider is reached over HTTP, and what a broken connection means.

Time-outs, pool, no proxies from the environment. Knows no provider's format.
"""

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from domain.errors import ForebayError, Misconfigured, ModelRejected, ModelUnreachable
from gateway.http1 import Transport

_TIMEOUT = httpx2.Timeout(connect=5, read=120, write=10, pool=5)
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_CONNECTIONS, _KEPT = 200, 30.0  # seconds without use


def http_client(setting: str) -> httpx2.AsyncClient:
    """`setting`: what to change when the address turns out to be a web page."""

    async def limit(request: httpx2.Request) -> None:
        """Also for an SDK that asks for no limit on each request."""
        if not any(request.extensions.get("timeout", {}).values()):
            request.extensions["timeout"] = _TIMEOUT.as_dict()

    async def refuse_web_page(response: httpx2.Response) -> None:
        """An SDK would hand the page on as an answer."""
        if response.is_success and response.headers.get("content-type", "").startswith("text/html"):
            await response.aclose()
            raise ModelRejected(f"{response.url} is a web page. Set {setting} to the API itself.")

    return httpx2.AsyncClient(
        timeout=_TIMEOUT,
        transport=Transport(
            httpx2.create_ssl_context(trust_env=False), most=_CONNECTIONS, kept=_KEPT
        ),
        trust_env=False,
        event_hooks={"request": [limit], "response": [refuse_web_page]},
    )


def usable(key: str, setting: str) -> str:
    """The error that another key would become, when it is sent, shows it."""
    if key.isascii() and key.isprintable():
        return key
    raise Misconfigured(f"{setting} has characters that no key has: a line end, perhaps.")


def broken(model: str, error: Exception) -> ForebayError:
    """What the transport says, or the SDK that wraps it."""
    cause = error.__cause__ or error
    if isinstance(cause, ForebayError):
        return cause
    why = str(cause) or type(cause).__name__
    return ModelUnreachable(
        f"{model} cannot be reached: {sentence(why)}",
        transient=isinstance(cause, httpx2.ReadTimeout),
        begun=not isinstance(cause, _NOT_SENT),
    )


def unreadable(model: str, error: Exception) -> ModelUnreachable:
    return ModelUnreachable(f"{model} answered what cannot be read: {sentence(str(error))}")


def seconds(headers: httpx2.Headers) -> float | None:
    """How long to wait, in whichever way the provider says it."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        with suppress(KeyError, ValueError):
            return max(0.0, float(headers[name]) / unit)
    with suppress(KeyError, ValueError):
        at = parsedate_to_datetime(headers["retry-after"])
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None


def sentence(said: str) -> str:
    return f"{said.rstrip('.')}."
