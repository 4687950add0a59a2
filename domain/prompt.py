"""The prompt: a static prefix, then history, then the tail. The boundary is a type.

Nothing of a tenant, a time, a user or a question can reach `prefix`: it is made by
`prompts/` from versioned files alone, and its fingerprint is a hash of exactly these bytes.
"""

from dataclasses import dataclass
from typing import Literal

from domain.documents import Chunk
from domain.ids import fingerprint

Role = Literal["system", "developer", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage as the model sees it; `label` is the n of its `[n]` marker."""

    label: int
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Prompt:
    version: str  # "answer/v1"
    prefix: tuple[Message, ...]
    history: tuple[Message, ...]
    tail: tuple[Message, ...]
    question: str  # of the tail, as data, for models that read instead of generate
    evidence: tuple[Evidence, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        return (*self.prefix, *self.history, *self.tail)

    @property
    def prefix_fingerprint(self) -> str:
        return fingerprint(*(part for m in self.prefix for part in (m.role, m.text)))
