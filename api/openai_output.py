"""An answer as an object of OpenAI's Responses: its items, what it used, our extras."""

from dataclasses import dataclass, field
from typing import Literal

from api.openai_answer import Extras, Place, extras, now, places
from api.openai_bodies import ResponseBody
from domain.answers import Answer
from domain.prompt import ToolCall

Status = Literal["in_progress", "completed", "incomplete"]


@dataclass(frozen=True, slots=True)
class UrlCitation:
    start_index: int
    end_index: int
    title: str
    url: str
    type: Literal["url_citation"] = "url_citation"


@dataclass(frozen=True, slots=True)
class OutputText:
    text: str
    annotations: tuple[UrlCitation, ...] = ()
    logprobs: tuple[str, ...] = ()
    type: Literal["output_text"] = "output_text"


@dataclass(frozen=True, slots=True)
class Refusal:
    refusal: str
    type: Literal["refusal"] = "refusal"


@dataclass(frozen=True, slots=True)
class OutputMessage:
    id: str
    status: Status
    content: tuple[OutputText | Refusal, ...] = ()
    role: Literal["assistant"] = "assistant"
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class OutputCall:
    id: str
    call_id: str
    name: str
    arguments: str
    status: Status = "completed"
    type: Literal["function_call"] = "function_call"


@dataclass(frozen=True, slots=True)
class InputDetails:
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class OutputDetails:
    reasoning_tokens: int


@dataclass(frozen=True, slots=True)
class ResponseUsage:
    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: InputDetails
    output_tokens_details: OutputDetails


@dataclass(frozen=True, slots=True)
class IncompleteDetails:
    reason: Literal["max_output_tokens"] = "max_output_tokens"


@dataclass(frozen=True, slots=True)
class ResponseObject:
    id: str
    model: str
    created_at: int
    status: Status
    output: tuple[OutputMessage | OutputCall, ...] = ()
    usage: ResponseUsage | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | None = None
    forebay: Extras | None = None
    tool_choice: Literal["auto", "none"] = "auto"
    tools: tuple[Extras, ...] = ()
    metadata: Extras = field(default_factory=dict)
    parallel_tool_calls: bool = True
    object: Literal["response"] = "response"


def beginning(answer_id: str, body: ResponseBody) -> ResponseObject:
    return ResponseObject(
        f"resp_{answer_id}",
        body.model,
        now(),
        "in_progress",
        instructions=body.instructions,
        tool_choice=body.tool_choice or "auto",
        tools=tuple(tool.model_dump(exclude_none=True) for tool in body.tools or ()),
    )


def output_text(answer: Answer, base: str) -> OutputText:
    return OutputText(answer.text, tuple(cited(place) for place in places(answer, base)))


def cited(place: Place) -> UrlCitation:
    return UrlCitation(place.start_index, place.end_index, place.title, place.url)


def message(answer: Answer, base: str) -> OutputMessage:
    refused = answer.finish == "refusal"
    content = Refusal(answer.text) if refused else output_text(answer, base)
    return OutputMessage(f"msg_{answer.id}", status(answer), (content,))


def called(call: ToolCall) -> OutputCall:
    return OutputCall(f"fc_{call.id}", call.id, call.name, call.arguments)


def items(answer: Answer, base: str) -> tuple[OutputMessage | OutputCall, ...]:
    said = (message(answer, base),) if answer.text or not answer.calls else ()
    return (*said, *map(called, answer.calls))


def status(answer: Answer) -> Status:
    return "incomplete" if answer.finish == "length" else "completed"


def used(answer: Answer) -> ResponseUsage:
    usage = answer.usage
    return ResponseUsage(
        usage.input,
        usage.output,
        usage.input + usage.output,
        InputDetails(usage.cached),
        OutputDetails(usage.reasoning),
    )


def whole(answer: Answer, body: ResponseBody, base: str) -> ResponseObject:
    begun = beginning(answer.id, body)
    return ResponseObject(
        begun.id,
        begun.model,
        begun.created_at,
        status(answer),
        items(answer, base),
        used(answer),
        IncompleteDetails() if answer.finish == "length" else None,
        begun.instructions,
        extras(answer),
        begun.tool_choice,
        begun.tools,
    )
