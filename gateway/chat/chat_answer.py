"""What the Chat Completions API answers, whole or chunk by chunk. Sends nothing.

The end of a stream is a finish reason, not the end of its bytes, and not `[DONE]`. Chunks carry
no number: one that comes twice cannot be told from a word that is said twice.
"""

import json
from dataclasses import dataclass, field

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion

from domain.completion import FinishReason, Usage
from domain.errors import ModelUnreachable
from domain.prompt import ToolCall
from gateway.frames import Frame

_FINISH: dict[str, FinishReason] = {"length": "length", "content_filter": "refusal"}


@dataclass(slots=True)
class _Call:
    """A call whose arguments are still coming."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Answer:
    """What has been said so far."""

    id: str | None = None
    text: str = ""
    refused: bool = False
    reason: str | None = None
    usage: CompletionUsage | None = None
    calling: dict[int, _Call] = field(default_factory=dict)  # by their places

    @classmethod
    def of(cls, said: ChatCompletion, model: str) -> "Answer":
        if not said.choices:
            raise ModelUnreachable(f"{model} answered without a choice.")
        choice = said.choices[0]
        message = choice.message
        calls = [call for call in message.tool_calls or [] if call.type == "function"]
        return cls(
            id=said.id,
            text=message.content or message.refusal or "",
            refused=bool(message.refusal),
            reason=choice.finish_reason,
            usage=said.usage,
            calling={
                place: _Call(call.id, call.function.name, call.function.arguments)
                for place, call in enumerate(calls)
            },
        )

    def hear(self, chunk: Frame) -> str:
        """What of a chunk is handed on."""
        self.id = chunk.get("id") or self.id
        if usage := chunk.get("usage"):
            self.usage = CompletionUsage.construct(**usage)
        piece = ""
        for choice in (chunk.get("choices") or ())[:1]:
            self.reason = choice.get("finish_reason") or self.reason
            piece = self._hear(choice.get("delta") or {})
        return piece

    def _hear(self, delta: Frame) -> str:
        for call in delta.get("tool_calls") or ():
            self._assemble(call)
        self.refused = self.refused or bool(delta.get("refusal"))
        piece: str = delta.get("content") or delta.get("refusal") or ""
        self.text += piece
        return piece

    def _assemble(self, piece: Frame) -> None:
        call = self.calling.setdefault(piece["index"], _Call())
        call.id = piece.get("id") or call.id
        function = piece.get("function") or {}
        call.name = call.name or function.get("name") or ""
        call.arguments += function.get("arguments") or ""

    def must_be_whole(self, model: str) -> None:
        if self.reason is None:
            raise ModelUnreachable(f"{model} ended its stream without finishing the answer.")

    @property
    def finish(self) -> FinishReason:
        if self.refused:
            return "refusal"
        return _FINISH.get(self.reason or "", "tool_calls" if self.calling else "stop")

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """In their order. Not all servers name them, so their place does."""
        cut = self.reason == "length"  # what was cut short is no use
        return tuple(
            ToolCall(call.id or f"call_{place}", call.name, call.arguments or "{}")
            for place, call in sorted(self.calling.items())
            if not cut or _parses(call.arguments)
        )

    @property
    def used(self) -> Usage | None:
        """None when it was not said."""
        if self.usage is None:
            return None
        asked, answered = self.usage.prompt_tokens_details, self.usage.completion_tokens_details
        return Usage(
            input=self.usage.prompt_tokens,
            cached=(asked and asked.cached_tokens) or 0,
            written=(asked and asked.cache_write_tokens) or 0,
            output=self.usage.completion_tokens,
            reasoning=(answered and answered.reasoning_tokens) or 0,
        )


def _parses(arguments: str) -> bool:
    try:
        json.loads(arguments)
    except ValueError:
        return False
    return True
