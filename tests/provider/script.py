"""What the provider will say next, and what it was asked. Knows no wire format."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.provider.limits import Limits

DEFAULT = "Backups are kept for 35 days [1]."


@dataclass(frozen=True, slots=True)
class Reply:
    """A text, or an HTTP error."""

    text: str = DEFAULT
    refusal: bool = False
    cut: bool = False  # the output limit was reached
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


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]
    port: int = 0  # the client's: one a connection


@dataclass(slots=True)
class Script:
    replies: deque[Reply] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    otherwise: Reply = field(default_factory=Reply)  # when nothing is scripted
    limits: Limits = field(default_factory=Limits)  # of embeddings

    def say(self, *texts: str) -> None:
        self.replies.extend(Reply(text) for text in texts)

    def answer(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def forget(self) -> None:
        self.replies.clear()
        self.received.clear()
        self.otherwise = Reply()
        self.limits = Limits()

    def next(self) -> Reply:
        return self.replies.popleft() if self.replies else self.otherwise
