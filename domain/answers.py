"""An answer explains itself: what was shown, what it cost, where the time went."""

from dataclasses import dataclass

from domain.completion import FinishReason, Usage
from domain.hits import Hit

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
