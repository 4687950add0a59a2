"""What the provider will say next, and what it was asked. Knows no wire format."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

from tests.provider.account import Served
from tests.provider.caching import Caches
from tests.provider.faults import Fault
from tests.provider.limits import Limits

DEFAULT = "Backups are kept for 35 days [1]."


@dataclass(frozen=True, slots=True)
class Call:
    """What the model wants of a tool."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, calls of tools, or an HTTP error."""

    text: str = DEFAULT
    calls: tuple[Call, ...] = ()
    summary: str = ""  # of the reasoning; an empty line parts its paragraphs
    refusal: bool = False
    cut: bool = False  # the output limit was reached
    filtered: bool = False  # stopped by the content filter
    polls: tuple[int, ...] = ()  # of a background answer: what each look says before it is done
    cached: int = 0  # of the input tokens
    reasoning: int = 0  # beside the text's tokens
    breaks_after: int | None = None  # events of a stream; then it ends
    wait: float = 0.0  # seconds before anything is said
    usage: bool = True  # servers that speak the format do not always say it
    status: int = 200
    error: str = "scripted"
    code: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    verbatim: str | None = None  # instead of all that: this body, as `media_type`
    media_type: str = "application/json"
    fault: Fault | None = None  # on the wire, after a good beginning
    written: int = 0  # of the input tokens, to the cache
    written_long: int = 0  # of these, for an hour
    silent: bool = False  # the cache was to be prepared, and nothing to be said

    @property
    def said(self) -> str:
        """Beside calls a model is silent unless the script has words for it."""
        return "" if self.calls and self.text == DEFAULT else self.text


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]
    port: int = 0  # the client's: one a connection
    at: float = field(default_factory=monotonic)


@dataclass(slots=True)
class Script:
    replies: deque[Reply] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)  # what there would be a bill for
    otherwise: Reply = field(default_factory=Reply)  # when nothing is scripted
    limits: Limits = field(default_factory=Limits)  # of embeddings
    caches: Caches = field(default_factory=Caches)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def say(self, *texts: str) -> None:
        self.replies.extend(Reply(text) for text in texts)

    def answer(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def forget(self) -> None:
        self.replies.clear()
        self.received.clear()
        self.served.clear()
        self.otherwise = Reply()
        self.limits = Limits()
        self.caches = Caches()

    def number(self) -> int:
        """Another one for each answer, of which its names are made."""
        return next(self._numbers)

    def next(self) -> Reply:
        return self.replies.popleft() if self.replies else self.otherwise
