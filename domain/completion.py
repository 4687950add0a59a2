"""One model call: what is asked, what comes back, what it cost. Money is whole micro-dollars."""

from dataclasses import dataclass
from typing import Literal

from domain.prompt import Prompt

FinishReason = Literal["stop", "length", "refusal"]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    prompt: Prompt
    max_output_tokens: int = 1024
    cache_key: str | None = None  # routes equal prefixes to one cache; never crosses tenants


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call. `input` counts all of them; cached and written are parts of it."""

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0  # part of output


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    finish: FinishReason
    model: str
    usage: Usage
    cost_microdollars: int
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed answer. The stream ends with one Completion."""

    text: str
