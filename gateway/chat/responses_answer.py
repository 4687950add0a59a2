"""What the Responses API answers, whole or event by event, as our values. Sends nothing."""

import json
from dataclasses import dataclass, field

from openai.types.responses import (
    Response,
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseReasoningItem,
)
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from domain.completion import Completion, Delta, FinishReason, Usage
from domain.errors import ModelError, ModelUnreachable
from domain.prompt import Carry, ToolCall
from gateway.frames import Frame
from gateway.openai_client import failure

UNDER_WAY = frozenset({"queued", "in_progress"})
_READ = ("id", "model", "status", "error", "incomplete_details", "output", "usage")
_PARAGRAPH = "\n\n"  # between the parts of a summary


@dataclass(slots=True)
class Heard:
    """What a stream has said so far."""

    model: str
    text: str = ""
    summary: str = ""
    response: Response | None = None
    last: Frame = field(default_factory=dict)

    def delta(self, event: Frame) -> Delta | None:
        """What of an event is handed on. A frame that comes twice is heard once."""
        if event.get("sequence_number") and event == self.last:  # not all servers count them
            return None
        self.last = event
        match event["type"]:
            case "response.output_text.delta" | "response.refusal.delta":
                self.text += event["delta"]
                return Delta(event["delta"])
            case "response.reasoning_summary_part.added" if self.summary:
                return self._thought(_PARAGRAPH)
            case "response.reasoning_summary_text.delta":
                return self._thought(event["delta"])
            case "response.completed" | "response.incomplete" | "response.failed":
                self.response = _response(event["response"])
            case "error":
                raise failure(self.model, event.get("code"), str(event.get("message")))
            case _:
                pass
        return None

    def whole(self) -> Response:
        """The response that it ended with, if its pieces make up the answer in it."""
        if self.response is None:
            raise ModelUnreachable(f"{self.model} ended its stream without finishing the answer.")
        said = _text(self.response)
        if self.response.status in {"completed", "incomplete"} and self.text != said:
            raise ModelUnreachable(
                f"{self.model} lost a part of its stream: {len(self.text)} characters came of "
                f"{len(said)}.",
                usage=_used(self.response),
            )
        return self.response

    def _thought(self, text: str) -> Delta:
        self.summary += text
        return Delta(text, "summary")


def _response(said: Frame) -> Response:
    """What is read of it: the SDK takes long over the rest, which repeats the request."""
    return Response.construct(**{name: said[name] for name in _READ if name in said})


def completion(
    model: str, response: Response, notes: tuple[str, ...], provider: str = "openai"
) -> Completion:
    if response.status not in {"completed", "incomplete"}:
        raise _failed(model, response)
    usage = _usage(response)
    calls = _calls(response)
    return Completion(
        text=_text(response),
        finish=_finish(response, calls),
        model=model,
        usage=usage,
        request_id=response.id,
        calls=calls,
        summary=_summary(response),
        carry=Carry(provider, _sealed(response)) if calls else None,
        provider=provider,
        notes=notes,
    )


def _failed(model: str, response: Response) -> ModelError:
    why = f"{model} gave no answer; its status is '{response.status}'."
    error: ModelError = ModelUnreachable(why)
    if response.error:
        error = failure(model, response.error.code, response.error.message)
    error.usage = _used(response)
    return error


def _finish(response: Response, calls: tuple[ToolCall, ...]) -> FinishReason:
    refused = any(part.type == "refusal" for m in _messages(response) for part in m.content)
    why = response.incomplete_details and response.incomplete_details.reason
    if refused or why == "content_filter":
        return "refusal"
    if response.status == "incomplete":
        return "length"
    return "tool_calls" if calls else "stop"


def _messages(response: Response) -> list[ResponseOutputMessage]:
    return [item for item in response.output if item.type == "message"]


def _text(response: Response) -> str:
    return "".join(
        part.text if part.type == "output_text" else part.refusal
        for message in _messages(response)
        for part in message.content
    )


def _summary(response: Response) -> str:
    thoughts = [item for item in response.output if isinstance(item, ResponseReasoningItem)]
    return _PARAGRAPH.join(part.text for thought in thoughts for part in thought.summary)


def _calls(response: Response) -> tuple[ToolCall, ...]:
    """Those that it finished: the arguments of one that was cut are no use."""
    return tuple(
        ToolCall(item.call_id, item.name, item.arguments)
        for item in response.output
        if isinstance(item, ResponseFunctionToolCall) and item.status in {None, "completed"}
    )


def _sealed(response: Response) -> str:
    """All that it put out, as it wants it back."""
    items = [item.to_dict(mode="json", exclude_none=True) for item in response.output]
    return json.dumps(items, ensure_ascii=False, separators=(",", ":"))


def _usage(response: Response) -> Usage:
    used = _used(response)
    if used is None:
        raise ModelUnreachable(f"{response.model} answered without saying what it used.")
    return used


def _used(response: Response) -> Usage | None:
    used = response.usage
    if used is None:
        return None
    read: InputTokensDetails | None = used.input_tokens_details  # not every server has them
    said: OutputTokensDetails | None = used.output_tokens_details
    return Usage(
        input=used.input_tokens,
        cached=(read and read.cached_tokens) or 0,
        written=(read and read.cache_write_tokens) or 0,
        output=used.output_tokens,
        reasoning=(said and said.reasoning_tokens) or 0,
    )
