"""What the provider served and would send a bill for. Kept apart from what the product counts.

An answer that was sent to its end is billed as its usage says. Of one that was cut off, the
question is billed, and the words that were sent.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.completion import Usage
from gateway.pricing import cost
from tests.provider.tokens import count

Json = dict[str, Any]

_PROVIDERS = {"claude": "anthropic", "gemini": "google"}


@dataclass(frozen=True, slots=True)
class Served:
    at: float  # by the monotonic clock, when it was asked
    model: str
    input: int
    output: int
    whole: bool
    cached: int = 0  # of the input
    written: int = 0
    written_long: int = 0

    @property
    def cost_microdollars(self) -> int:
        usage = Usage(
            input=self.input, output=self.output, cached=self.cached,
            written=self.written, written_long=self.written_long,
        )  # fmt: skip
        return cost(self.model, usage, _PROVIDERS.get(self.model.split("-")[0], "openai"))


class Bill:
    """Of one answer, while it is sent."""

    def __init__(self, model: str, usage: Json, at: float) -> None:
        self._model = model
        self._at = at
        self._cache = _cache(usage)
        apart = "cache_read_input_tokens" in usage  # Anthropic's
        self._input = int(usage.get("prompt_tokens") or usage.get("input_tokens") or 0)
        self._input += self._cache[0] + self._cache[1] if apart else 0
        self._output = int(usage.get("completion_tokens") or usage.get("output_tokens") or 0)
        self._texts: list[str] = []
        self._whole = False

    def sent(self, body: bytes) -> None:
        for event in _events(body):
            self._texts.append(_text(event))
            self._whole = self._whole or _last(event)

    def made_out(self) -> Served:
        output = self._output if self._whole else count("".join(self._texts))
        return Served(self._at, self._model, self._input, output, self._whole, *self._cache)


def _cache(usage: Json) -> tuple[int, int, int]:
    """Tokens that were read, written, and of these written for an hour."""
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    lives = usage.get("cache_creation") or {}
    read = details.get("cached_tokens") or usage.get("cache_read_input_tokens") or 0
    written = details.get("cache_write_tokens") or usage.get("cache_creation_input_tokens") or 0
    return read, written, lives.get("ephemeral_1h_input_tokens") or 0


def _events(body: bytes) -> Iterator[Json]:
    """Frames of a stream, or the one body of a whole answer."""
    text = body.decode()
    if text.startswith("{"):
        yield json.loads(text)
    for line in text.splitlines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def _text(event: Json) -> str:
    if event.get("type") == "content_block_delta":  # Anthropic
        return str(event["delta"].get("text") or "")
    if "candidates" in event:  # Gemini
        parts = event["candidates"][0]["content"]["parts"]
        return "".join(part.get("text") or "" for part in parts)
    if "delta" in event:  # Responses
        return str(event["delta"]) if event["type"].endswith("text.delta") else ""
    choices = event.get("choices") or [{}]
    return str((choices[0].get("delta") or {}).get("content") or "")


def _last(event: Json) -> bool:
    """It says what was used: nothing comes after it."""
    if event.get("candidates"):
        return "finishReason" in event["candidates"][0]
    return bool(event.get("usage") or (event.get("response") or {}).get("usage"))
