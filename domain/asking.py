"""Whom the work of the moment is for: embedders and rerankers are not told with each call.

Who begins the work says it, around the calls. Tasks that are begun inside know it, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from domain.completion import Account

ASKING: ContextVar[Account] = ContextVar("asking", default=Account())  # noqa: B039 - frozen


@contextmanager
def asking(account: Account) -> Iterator[None]:
    """Never around the `yield` of an async generator: who reads it may be another task."""
    before = ASKING.set(account)
    try:
        yield
    finally:
        ASKING.reset(before)
