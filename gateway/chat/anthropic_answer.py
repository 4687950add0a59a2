"""What Claude says, whole or piece by piece, in our words. Knows nothing of requests."""

import json
from dataclasses import dataclass, field

from anthropic.types import ContentBlock, Message, MessageDeltaUsage, RawContentBlockDelta
from anthropic.types import Usage as Used
from anthropic.types.raw_message_stream_event import RawMessageStreamEvent
from anthropic.types.refusal_stop_details import RefusalStopDetails

from domain.completion import Delta, FinishReason, Usage
from domain.prompt import ToolCall
from gateway.chat.anthropic_request import given

_FINISH: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
    "tool_use": "tool_calls",
}
_APART = "\n\n"  # between one thought and the next
_COUNTS = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens",
)


@dataclass(slots=True)
class _Part:
    """A content block, and what has been said of it since it began."""

    block: ContentBlock
    pieces: list[str] = field(default_factory=list)
    signature: str = ""

    def take(self, delta: RawContentBlockDelta) -> Delta | None:
        match delta.type:
            case "text_delta":
                self.pieces.append(delta.text)
                return Delta(delta.text)
            case "thinking_delta":
                self.pieces.append(delta.thinking)
                return Delta(delta.thinking, kind="summary")
            case "input_json_delta":
                self.pieces.append(delta.partial_json)
            case "signature_delta":
                self.signature += delta.signature
            case _:
                pass
        return None

    @property
    def text(self) -> str:
        return self.block.text + "".join(self.pieces) if self.block.type == "text" else ""

    @property
    def summary(self) -> str:
        return self.block.thinking + "".join(self.pieces) if self.block.type == "thinking" else ""

    @property
    def call(self) -> ToolCall | None:
        block = self.block
        if block.type != "tool_use":
            return None
        written = "".join(self.pieces) or json.dumps(block.input, ensure_ascii=False)
        return ToolCall(block.id, block.name, written)

    def sent_back(self) -> dict[str, object]:
        """The block as a whole answer would have it."""
        whole = self.block.to_dict(mode="json", exclude_none=True)
        match self.block.type:
            case "text":
                whole["text"] = self.text
            case "thinking":
                signature = self.signature or self.block.signature
                whole |= {"thinking": self.summary, "signature": signature}
            case "tool_use" if self.pieces:
                whole["input"] = given("".join(self.pieces))
            case _:
                pass
        return whole


class Answer:
    """Everything that has been said so far; whether that is all says `finish`."""

    def __init__(self) -> None:
        self.id: str | None = None
        self._parts: dict[int, _Part] = {}
        self._counts: dict[str, int] = {}
        self._stop: str | None = None
        self._refusal: RefusalStopDetails | None = None

    @classmethod
    def of(cls, message: Message) -> "Answer":
        answer = cls()
        answer._begin(message)
        answer._parts = {n: _Part(block) for n, block in enumerate(message.content)}
        answer._stop, answer._refusal = message.stop_reason, message.stop_details
        return answer

    def take(self, event: RawMessageStreamEvent) -> Delta | None:
        match event.type:
            case "message_start":
                self._begin(event.message)
            case "content_block_start":
                if event.index in self._parts:
                    raise ValueError(f"its block {event.index} begins twice")
                return self._open(event.index, _Part(event.content_block))
            case "content_block_delta":
                if event.index not in self._parts:
                    raise ValueError(f"its block {event.index} goes on before it begins")
                return self._parts[event.index].take(event.delta)
            case "message_delta":
                self._count(event.usage)
                self._stop, self._refusal = event.delta.stop_reason, event.delta.stop_details
            case _:
                pass
        return None

    @property
    def finish(self) -> FinishReason | None:
        """None: it is not over."""
        return _FINISH.get(self._stop, "stop") if self._stop else None

    @property
    def text(self) -> str:
        return "".join(part.text for part in self._parts.values())

    @property
    def summary(self) -> str:
        return _APART.join(part.summary for part in self._parts.values() if part.summary)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """None of an answer that was cut: the last of them may be half a call."""
        if self.finish != "tool_calls":
            return ()
        return tuple(part.call for part in self._parts.values() if part.call)

    @property
    def content(self) -> list[dict[str, object]]:
        """To be sent back, without the empty texts that the API would refuse."""
        blocks = (part.sent_back() for part in self._parts.values())
        return [block for block in blocks if block["type"] != "text" or str(block["text"]).strip()]

    @property
    def usage(self) -> Usage:
        """`input_tokens` are those that the cache had nothing to do with."""
        count = self._counts.get
        cached, written = (
            count("cache_read_input_tokens", 0),
            count("cache_creation_input_tokens", 0),
        )
        return Usage(
            input=count("input_tokens", 0) + cached + written,
            cached=cached,
            written=written,
            output=count("output_tokens", 0),
            reasoning=count("thinking_tokens", 0),
            written_long=count("written_long", 0),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        if self._refusal is None or not (self._refusal.explanation or self._refusal.category):
            return ()
        return (f"Refused: {self._refusal.explanation or self._refusal.category}",)

    def _open(self, index: int, part: _Part) -> Delta | None:
        apart = part.block.type == "thinking" and self.summary
        self._parts[index] = part
        return Delta(_APART, kind="summary") if apart else Delta(part.text) if part.text else None

    def _begin(self, message: Message) -> None:
        self.id = message.id
        self._count(message.usage)
        if by_life := message.usage.cache_creation:  # said at the beginning alone
            self._counts["written_long"] = by_life.ephemeral_1h_input_tokens

    def _count(self, used: Used | MessageDeltaUsage) -> None:
        """Counts run from the beginning: a later one replaces an earlier one."""
        said = {name: getattr(used, name) for name in _COUNTS}
        if used.output_tokens_details:
            said["thinking_tokens"] = used.output_tokens_details.thinking_tokens
        self._counts |= {name: number for name, number in said.items() if number is not None}
