"""What is asked, of whom, with what: the values that every step of an answer shares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from answering.brought import Brought
from answering.outline import Outlines
from answering.pinned import Prefixes
from answering.understand import UnderstandConfig
from domain.answers import Answer, Citation, Dropped
from domain.boosts import Boosts
from domain.completion import Account, Delta, Effort
from domain.filters import Filter
from domain.hits import Hit
from domain.ports import ChatModel, ChunkStore, Embedder, Reranker, SparseEncoder, TokenCounter
from domain.state_ports import DocumentRegistry, EpisodeLog, SessionLog
from gateway.routing import RoutingConfig
from retrieval.configs import SearchConfig
from retrieval.lexical import RankBm25Indexes
from retrieval.select import SelectConfig

Strategy = Literal["auto", "corpus", "document", "conversation", "repository", "synthesis"]
Priced = Callable[[str, int, int], int]  # tier, tokens in and out → micro-dollars


@dataclass(frozen=True, slots=True)
class ContextConfig:
    """How much a model is given at most, and what may be spent on it unasked."""

    tokens: int = 80_000  # of passages and documents
    prompt_tokens: int = 272_000  # all of it: beyond it models charge twice as much
    unasked_microdollars: int = 100_000


@dataclass(frozen=True, slots=True)
class SteerConfig:
    """Whose models answer."""

    tier: str = ""  # of a question that names none; "auto" looks at it, "" are the usual models
    routing: RoutingConfig = field(default_factory=RoutingConfig)


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    prompt: str = "answer/v1"
    understand: UnderstandConfig = field(default_factory=UnderstandConfig)
    select: SelectConfig = field(default_factory=SelectConfig)
    max_output_tokens: int = 1024
    history_turns: int = 10
    search: SearchConfig = field(default_factory=SearchConfig)
    context: ContextConfig = field(default_factory=ContextConfig)
    steer: SteerConfig = field(default_factory=SteerConfig)


@dataclass(frozen=True, slots=True)
class AnswerServices:
    store: ChunkStore
    embedder: Embedder
    chat: ChatModel
    reranker: Reranker | None
    sessions: SessionLog
    tokens: TokenCounter
    config: AnswerConfig
    sparse: SparseEncoder | None = None
    lexical: RankBm25Indexes | None = None  # ranks by words instead of the store
    prefixes: Prefixes = field(default_factory=Prefixes)
    outlines: Outlines = field(default_factory=Outlines)  # of files, for the map of a repository
    documents: DocumentRegistry | None = None
    episodes: EpisodeLog | None = None
    generates: bool = True  # the chat model writes; one that only reads cannot sum up
    priced: Priced = lambda _tier, _input, _output: 0


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    tenant: str
    collection: str
    where: Filter = ()
    limit: int | None = None  # passages retrieved; None is the configured number
    session: str | None = None
    language: str = ""  # ISO 639-1; empty when it cannot be told
    explain: bool = False  # a search names also what was considered
    endpoint: str = "ask"
    further: tuple[str, ...] = ()  # collections that are asked as well
    boosts: Boosts | None = None  # None are the configured ones
    strategy: Strategy = "corpus"
    document: str = ""  # its source or id, for the strategy that reads one whole
    accept_cost: bool = False  # of what is only begun when its cost is accepted
    tools: bool = False  # the model may search and read again before it answers
    tier: str = ""  # of the models; "auto" looks at the question, "" is the configured one
    effort: Effort | None = None  # None is the tier's, or the model's
    schema: str = ""  # JSON schema that the answer has to fit
    arm: str = ""  # of a trial of models or prompts: control or canary
    trial: str = ""  # which one
    id: str = ""  # a UUID that the answer is to have; empty makes one
    brought: Brought = field(default_factory=Brought)
    key: str = ""  # the caller's API key, by its name
    key_cap: int | None = None  # micro-dollars a month that may be spent with it

    @property
    def collections(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.collection, *self.further)))

    @property
    def account(self) -> Account:
        """Whose call to a model it is."""
        return Account(
            tenant=self.tenant,
            key=self.key,
            key_cap=self.key_cap,
            endpoint=self.endpoint,
            session=self.session or "",
            arm=self.arm,
            trial=self.trial,
        )


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a strategy has come that takes its time."""

    done: int
    total: int
    doing: str  # "reading", "combining"
    spent_microdollars: int


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What the model is about to read; a stream yields it before any word of the answer."""

    answer_id: str
    shown: tuple[Hit, ...]
    dropped: tuple[Dropped, ...]
    pinned: tuple[str, ...] = ()  # ids of passages before the boundary: the first is [1]


# Of a stream, in this order, citations among the deltas; the Answer ends it.
Event = Advance | Retrieved | Delta | Citation | Answer
