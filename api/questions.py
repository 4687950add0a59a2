"""POST /v1/ask and POST /v1/search."""

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

from fastapi import APIRouter
from fastapi.responses import Response

from answering.ask import Question, Retrieved
from api import problems
from api.access import Asking, Caller, Served
from api.bodies import AskBody, SearchBody
from api.events import answer_with, event_stream, sse
from domain.answers import Answer, SearchResult
from domain.completion import Delta
from domain.errors import ForebayError
from domain.filter_json import filter_from_json
from wiring.codec import to_json
from wiring.services import Services

router = APIRouter(prefix="/v1", tags=["questions"])
_log = logging.getLogger("forebay.api")


@router.post("/search", response_model=SearchResult)
async def search(body: SearchBody, asking: Asking, services: Served) -> Response:
    """The passages that fit a question best, with every leg's rank and score."""
    question = _question(body, asking, services)
    return answer_with(await services.search(question, body.config))


@router.post("/ask", response_model=Answer)
async def ask(body: AskBody, asking: Asking, services: Served) -> Response:
    """An answer with citations; with `stream`, the events retrieval, delta…, done or error."""
    question = _question(body, asking, services)
    if body.stream:
        return event_stream(_events(question, services))
    return answer_with(await services.ask(question))


def _question(body: SearchBody | AskBody, asking: Caller, services: Services) -> Question:
    return Question(
        text=body.question,
        tenant=asking.tenant,
        collection=body.collection or services.settings.collection,
        where=filter_from_json(body.filter),
        limit=body.limit,
        session=body.session if isinstance(body, AskBody) else None,
        explain=body.explain if isinstance(body, SearchBody) else False,
    )


async def _events(question: Question, services: Services) -> AsyncIterator[bytes]:
    names = {Retrieved: "retrieval", Delta: "delta", Answer: "done"}
    try:
        async with aclosing(services.stream(question)) as events:
            async for event in events:
                yield sse(names[type(event)], to_json(event))
    except ForebayError as error:
        yield sse("error", bytes(problems.of(error).body))
