"""POST /v1/responses: a collection, asked in OpenAI's newer format. No call remembers another."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from itertools import count

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic_core import to_json

from answering.question import Retrieved
from api.access import Asking, Served
from api.drain import drain_of
from api.events import EVENTS, event_stream, sse
from api.openai_answer import answer_with, places
from api.openai_asked import of_responses
from api.openai_bodies import ResponseBody
from api.openai_output import (
    OutputMessage,
    OutputText,
    ResponseObject,
    beginning,
    called,
    cited,
    message,
    output_text,
    whole,
)
from api.openai_route import OpenAIRoute, broken
from api.openai_stream import Stream, begun
from domain.answers import Answer
from domain.completion import Delta
from domain.errors import ForebayError

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)


@router.post(
    "/responses",
    response_model=ResponseObject,
    responses={200: {"content": EVENTS}},
)
async def responses(
    body: ResponseBody, request: Request, asking: Asking, services: Served
) -> Response:
    """In OpenAI's format: citations are annotations, all else that is ours stands in `forebay`."""
    wish, base = of_responses(body, asking, services), str(request.base_url).rstrip("/")
    if body.stream:
        events = await begun(wish, services, drain_of(request))
        return event_stream(_lines(events, body, base))
    answer = await services.ask(wish.question, wish.config, wish.choices)
    return answer_with(whole(answer, body, base))


class _Teller:
    """Numbers the events of one response, and opens its message when something is said."""

    def __init__(self, body: ResponseBody, base: str) -> None:
        self._body = body
        self._base = base
        self._numbers = count()
        self._message = ""  # its id, once it is open

    def event(self, name: str, **said: object) -> bytes:
        event = {"type": name, "sequence_number": next(self._numbers), **said}
        return sse(name, to_json(event, exclude_none=True))

    def begin(self, retrieved: Retrieved) -> Iterator[bytes]:
        response = beginning(retrieved.answer_id, self._body)
        self._id = f"msg_{retrieved.answer_id}"
        yield self.event("response.created", response=response)
        yield self.event("response.in_progress", response=response)

    def say(self, text: str) -> Iterator[bytes]:
        if not self._message:
            self._message = self._id
            item = OutputMessage(self._id, "in_progress")
            yield self.event("response.output_item.added", output_index=0, item=item)
            yield self._part("response.content_part.added", part=OutputText(""))
        yield self._part("response.output_text.delta", delta=text, logprobs=[])

    def end(self, answer: Answer) -> Iterator[bytes]:
        refused = answer.finish == "refusal"
        if answer.text and not self._message and not refused:  # data is said whole
            yield from self.say(answer.text)
        first = 0
        if self._message or refused:
            yield from self._refused(answer) if refused else self._said(answer)
            first = 1
        for place, call in enumerate(answer.calls, start=first):
            item = called(call)
            yield self.event("response.output_item.added", output_index=place, item=item)
            about = {"item_id": item.id, "output_index": place, "name": item.name}
            done = "response.function_call_arguments.done"
            yield self.event(done, arguments=item.arguments, **about)
            yield self.event("response.output_item.done", output_index=place, item=item)
        response = whole(answer, self._body, self._base)
        yield self.event(f"response.{response.status}", response=response)

    def _said(self, answer: Answer) -> Iterator[bytes]:
        for n, place in enumerate(places(answer, self._base)):
            name = "response.output_text.annotation.added"
            yield self._part(name, annotation_index=n, annotation=cited(place))
        yield self._part("response.output_text.done", text=answer.text, logprobs=[])
        part = output_text(answer, self._base)
        yield self._part("response.content_part.done", part=part)
        item = message(answer, self._base)
        yield self.event("response.output_item.done", output_index=0, item=item)

    def _refused(self, answer: Answer) -> Iterator[bytes]:
        item = message(answer, self._base)
        if not self._message:
            yield self.event(
                "response.output_item.added",
                output_index=0,
                item=OutputMessage(self._id, "in_progress"),
            )
            self._message = self._id
        yield self._part("response.refusal.done", refusal=answer.text)
        yield self.event("response.output_item.done", output_index=0, item=item)

    def _part(self, name: str, **said: object) -> bytes:
        return self.event(name, item_id=self._message, output_index=0, content_index=0, **said)


async def _lines(events: Stream, body: ResponseBody, base: str) -> AsyncIterator[bytes]:
    teller = _Teller(body, base)
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Retrieved):
                    told = teller.begin(event)
                elif isinstance(event, Delta) and event.kind == "text":
                    told = teller.say(event.text)
                elif isinstance(event, Answer):
                    told = teller.end(event)
                else:
                    continue
                for one in told:
                    yield one
    except ForebayError as error:
        yield sse("error", broken(error))
