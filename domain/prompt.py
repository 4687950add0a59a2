"""The prompt: a static prefix, then history, then the tail. The boundary is a type.

Nothing of a tenant, a time, a user or a question can reach what stands before it: messages,
tools and output schema of the prefix are made from versioned files alone, and its fingerprint
is a hash of exactly these bytes.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from domain.documents import Chunk
from domain.ids import fingerprint

Role = Literal["system", "developer", "user", "assistant"]
Detail = Literal["auto", "low", "high"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)


@dataclass(frozen=True, slots=True)
class Image:
    """Either an address that the provider fetches, or the bytes."""

    media_type: str = ""
    data: bytes = b""
    url: str = ""
    detail: Detail = "auto"


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON schema, as canonical JSON."""

    name: str
    description: str
    parameters: str
    strict: bool = True  # the model keeps to the schema


@dataclass(frozen=True, slots=True)
class OutputSchema:
    """The answer is JSON of this schema (canonical JSON, too)."""

    name: str
    schema: str
    strict: bool = True


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str  # JSON, as the model wrote it


@dataclass(frozen=True, slots=True)
class ToolResult:
    call: str  # its id
    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Carry:
    """What a provider wants back word for word with the results of its calls: signatures,
    sealed reasoning. Of use to this provider alone.
    """

    provider: str
    json: str


@dataclass(frozen=True, slots=True)
class ToolRound:
    """What the model asked for in one go, and what came back."""

    calls: tuple[ToolCall, ...]
    results: tuple[ToolResult, ...]
    text: str = ""  # said beside the calls
    carry: Carry | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        calls = (text for call in self.calls for text in (call.name, call.arguments))
        return (self.text, *calls, *(result.text for result in self.results))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage as the model sees it; `label` is the n of its `[n]` marker."""

    label: int
    chunk: Chunk
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    version: str  # "answer/v1"
    prefix: tuple[Message, ...]
    history: tuple[Message | ToolRound, ...]
    tail: tuple[Message, ...]
    question: str  # of the tail, as data, for models that read instead of generate
    evidence: tuple[Evidence, ...]
    tools: tuple[Tool, ...] = ()  # of the prefix
    schema: OutputSchema | None = None  # of the prefix
    shared: tuple[int, ...] = ()  # how many messages of the prefix go together; () is all of them
    images: tuple[Image, ...] = ()  # of the tail's last message
    rounds: tuple[ToolRound, ...] = ()  # since the question
    common: str = ""  # fingerprint of a prefix in which nothing is of one tenant alone

    @property
    def turns(self) -> tuple[Message | ToolRound, ...]:
        """All of it in the order in which it is said."""
        return (*self.prefix, *self.history, *self.tail, *self.rounds)

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(turn for turn in self.turns if isinstance(turn, Message))

    @property
    def prefix_fingerprint(self) -> str:
        return _fingerprint(self.prefix, self.tools, self.schema)

    @property
    def everybodys(self) -> bool:
        """All of the prefix is the operator's. What a caller adds makes it the caller's own."""
        return self.common == self.prefix_fingerprint

    def continued(self, words: str) -> "Prompt":
        """With these in front of all that stands behind the boundary."""
        if not words:
            return self
        if self.history:
            first, *rest = self.history
            return replace(self, history=(replace(first, text=words + first.text), *rest))
        question, *more = self.tail
        return replace(self, tail=(replace(question, text=words + question.text), *more))


@lru_cache(maxsize=64)
def _fingerprint(
    prefix: tuple[Message, ...], tools: tuple[Tool, ...], schema: OutputSchema | None
) -> str:
    """A prefix may be a whole document, and is asked for its name several times a question."""
    tool_parts = (part for t in tools for part in (t.name, t.description, t.parameters))
    schema_parts = (schema.name, schema.schema) if schema else ()
    return fingerprint(*(p for m in prefix for p in (m.role, m.text)), *tool_parts, *schema_parts)
