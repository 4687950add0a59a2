"""An answer explains itself: what was shown, what it cost, where the time went."""

from dataclasses import dataclass
from typing import Literal

from domain.completion import CacheOutcome, FinishReason, Usage
from domain.hits import Hit
from domain.prompt import ToolCall

NOT_FOUND = "Not in these documents."  # what every answerer says then, word for word


@dataclass(frozen=True, slots=True)
class Citation:
    """What stands behind one `[n]` of the answer: the passage's exact place in its document."""

    label: int
    document_id: str
    source: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    quote: str
    start: int
    end: int
    collection: str = ""
    link: str = ""  # where the service shows it; empty where no service was asked


@dataclass(frozen=True, slots=True)
class StageTime:
    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A retrieved passage that the model was not shown, and why."""

    hit: Hit
    reason: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: tuple[Hit, ...]
    times: tuple[StageTime, ...]
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()  # what did not go as asked, in words
    cost_microdollars: int = 0


Outcome = Literal["parsed", "refused", "incomplete", "invalid"]
State = Literal["answered", "not_found", "refused", "incomplete"]


@dataclass(frozen=True, slots=True)
class Routed:
    """Whose models answered, and why those."""

    tier: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    id: str
    question: str
    text: str
    found: bool  # False: "not in these documents"
    finish: FinishReason
    citations: tuple[Citation, ...]
    shown: tuple[Hit, ...]
    dropped: tuple[Dropped, ...]
    model: str
    prompt_version: str
    prefix_fingerprint: str
    usage: Usage
    cost_microdollars: int
    times: tuple[StageTime, ...]
    session: str | None = None
    notes: tuple[str, ...] = ()  # what did not go as asked, in words
    routed: Routed | None = None  # where it was not the usual models
    arm: str = ""  # of a trial: control or canary
    outcome: Outcome | None = None  # of a question that brought a schema
    parsed: object = None  # what fits the schema: JSON
    fault: str = ""  # why there is nothing parsed, as half a sentence
    strategy: str = "corpus"  # by which its context was made
    pinned: tuple[str, ...] = ()  # ids of passages that stood before the boundary: the first is [1]
    cache: CacheOutcome | None = None  # what the prompt cache did for it
    state: State = "answered"  # incomplete: cut off, no fit for its schema, or it waits for tools
    calls: tuple[ToolCall, ...] = ()  # of the caller's own tools
    trace: str = ""  # the request's name in log, ledger and trace
