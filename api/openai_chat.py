"""POST /v1/chat/completions: a collection, asked as a model of OpenAI's is."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from answering.question import Event, Retrieved
from api.access import Asking, Served
from api.drain import drain_of
from api.events import EVENTS, event_stream
from api.openai_answer import Extras, Finish, Place, answer_with, extras, finish, line, now, places
from api.openai_asked import of_chat
from api.openai_bodies import ChatBody
from api.openai_route import OpenAIRoute, broken
from api.openai_stream import begun
from domain.answers import Answer
from domain.completion import Delta
from domain.errors import ForebayError

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)

_DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Annotation:
    url_citation: Place
    type: Literal["url_citation"] = "url_citation"


@dataclass(frozen=True, slots=True)
class CalledFunction:
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class CallAsked:
    index: int
    id: str
    function: CalledFunction
    type: Literal["function"] = "function"


@dataclass(frozen=True, slots=True)
class Message:
    """Of a whole answer, or a piece of one."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    refusal: str | None = None
    annotations: tuple[Annotation, ...] | None = None
    tool_calls: tuple[CallAsked, ...] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    message: Message
    finish_reason: Finish
    index: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    delta: Message
    finish_reason: Finish | None = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class PromptDetails:
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class CompletionDetails:
    reasoning_tokens: int


@dataclass(frozen=True, slots=True)
class ChatUsage:
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails
    completion_tokens_details: CompletionDetails


@dataclass(frozen=True, slots=True)
class ChatCompletion:
    id: str
    model: str
    created: int
    choices: tuple[Choice, ...]
    usage: ChatUsage
    forebay: Extras
    object: Literal["chat.completion"] = "chat.completion"


@dataclass(frozen=True, slots=True)
class Chunk:
    id: str
    model: str
    created: int
    choices: tuple[Piece, ...]
    usage: ChatUsage | None = None
    forebay: Extras | None = None
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": EVENTS}},
)
async def chat(body: ChatBody, request: Request, asking: Asking, services: Served) -> Response:
    """In OpenAI's format: citations are annotations, all else that is ours stands in `forebay`."""
    wish, base = of_chat(body, asking, services), str(request.base_url).rstrip("/")
    if body.stream:
        events = await begun(wish, services, drain_of(request))
        counts = bool(body.stream_options and body.stream_options.include_usage)
        return event_stream(_lines(events, body.model, base, counts=counts))
    answer = await services.ask(wish.question, wish.config, wish.choices)
    return answer_with(_completion(answer, body.model, base))


def _completion(answer: Answer, model: str, base: str) -> ChatCompletion:
    choice = Choice(_message(answer, base), finish(answer))
    return ChatCompletion(_id(answer.id), model, now(), (choice,), _usage(answer), extras(answer))


def _message(answer: Answer, base: str) -> Message:
    refused = answer.finish == "refusal"
    return Message(
        role="assistant",
        content=None if refused or (answer.calls and not answer.text) else answer.text,
        refusal=answer.text if refused else None,
        annotations=_annotations(answer, base),
        tool_calls=_calls(answer),
    )


def _annotations(answer: Answer, base: str) -> tuple[Annotation, ...]:
    return tuple(map(Annotation, places(answer, base)))


def _calls(answer: Answer) -> tuple[CallAsked, ...] | None:
    calls = enumerate(answer.calls)
    found = (CallAsked(n, one.id, CalledFunction(one.name, one.arguments)) for n, one in calls)
    return tuple(found) or None


def _usage(answer: Answer) -> ChatUsage:
    used = answer.usage
    return ChatUsage(
        used.input,
        used.output,
        used.input + used.output,
        PromptDetails(used.cached),
        CompletionDetails(used.reasoning),
    )


async def _lines(
    events: AsyncGenerator[Event, None], model: str, base: str, *, counts: bool
) -> AsyncIterator[bytes]:
    created, id_, said = now(), "", False

    def chunk(piece: Piece | None, answer: Answer | None = None, *, used: bool = False) -> bytes:
        return line(
            Chunk(
                id_,
                model,
                created,
                (piece,) if piece else (),
                usage=_usage(answer) if answer and used else None,
                forebay=extras(answer) if answer and not used else None,
            )
        )

    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Retrieved):
                    id_ = _id(event.answer_id)
                    yield chunk(Piece(Message(role="assistant", content="")))
                elif isinstance(event, Delta) and event.kind == "text":
                    said = True
                    yield chunk(Piece(Message(content=event.text)))
                elif isinstance(event, Answer):
                    if not said and event.text:  # data is said whole
                        yield chunk(Piece(Message(content=event.text)))
                    last = Message(annotations=_annotations(event, base), tool_calls=_calls(event))
                    yield chunk(Piece(last, finish(event)), event)
                    if counts:
                        yield chunk(None, event, used=True)
                    yield _DONE
    except ForebayError as error:
        yield b"data: " + broken(error) + b"\n\n"


def _id(answer_id: str) -> str:
    return f"chatcmpl-{answer_id}"
