"""One model call: what is asked, what comes back, what it cost. Money is whole micro-dollars."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.deadline import Deadline
from domain.prompt import Carry, Prompt, ToolCall

FinishReason = Literal["stop", "length", "refusal", "tool_calls"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]
Verbosity = Literal["low", "medium", "high"]
Kind = Literal["text", "summary"]


@dataclass(frozen=True, slots=True)
class Account:
    """Who a call is for: whose keys, limits and money, and what the ledger calls it."""

    tenant: str = "default"
    key: str = ""  # the caller's API key, by its name
    key_cap: int | None = None  # micro-dollars a month that may be spent with it
    endpoint: str = "ask"
    feature: str = ""  # the business line, as the caller tags it
    session: str = ""
    arm: str = ""  # of a trial: control or canary
    trial: str = ""  # which one; empty where it has no arm


@dataclass(frozen=True, slots=True)
class CacheMark:
    """A beginning of the prompt that is to be found again: its first `turns`, for so long."""

    turns: int
    life: str  # as the vendor calls it: "30m", "1h"


@dataclass(frozen=True, slots=True)
class CachePlan:
    """What a request tells the provider's prompt cache; nothing, where nothing is to be told."""

    key: str | None = None  # routes equal prefixes to one cache
    retention: str | None = None
    marks: tuple[CacheMark, ...] = ()
    explicit: bool = False  # the provider is to make no marks of its own
    prewarm: bool = False  # write it and answer nothing
    apart: str = ""  # what stands behind the boundary where tenants share the key, a tenant's own


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is None is left to the model. What a model cannot is said by its capabilities."""

    prompt: Prompt
    max_output_tokens: int = 1024
    cache: CachePlan | None = None
    effort: Effort | None = None
    summary: bool = False  # of the reasoning
    verbosity: Verbosity | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)  # kept by the provider, not read
    background: bool = False  # the provider may take its time; it is asked until it is done
    warms: bool = False  # nothing is asked: what stands before the boundary is made ready
    tier: str = ""  # whose chain of models answers; empty is the configured one
    most_microdollars: int | None = None  # that this call may cost
    account: Account = field(default_factory=Account)
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call. `input` counts all of them; cached and written are parts of it."""

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0  # part of output
    written_long: int = 0  # part of written: to stay for longer, at a price of its own


CacheMiss = Literal[
    "hit", "short", "cold", "changed", "expired", "overflow", "tail", "unmarked", "provider"
]


@dataclass(frozen=True, slots=True)
class CacheOutcome:
    """What the prompt cache did for a call. Money beside the same call without any cache, and
    beside one whose passages stand in the system message.
    """

    prefix: int  # tokens before the boundary
    cacheable: int  # tokens that an ideal cache would have read
    why: CacheMiss
    says: str  # the same in words: which block changed, how long ago it was asked
    saved_microdollars: int = 0
    saved_naive_microdollars: int = 0

    def efficiency(self, usage: "Usage") -> float | None:
        """Of the tokens that could have been read, those that were; None when none could."""
        return min(1.0, usage.cached / self.cacheable) if self.cacheable else None


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    finish: FinishReason
    model: str
    usage: Usage
    cost_microdollars: int = 0  # the gateway's to say, not the adapter's
    request_id: str | None = None
    calls: tuple[ToolCall, ...] = ()
    summary: str = ""  # of its reasoning
    carry: Carry | None = None  # what the same provider wants back beside the calls' results
    provider: str = ""
    retries: int = 0  # calls before this one, of any model, that failed
    notes: tuple[str, ...] = ()  # what was asked for and this model cannot, in words
    cache: CacheOutcome | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed answer. The stream ends with one Completion."""

    text: str
    kind: Kind = "text"
