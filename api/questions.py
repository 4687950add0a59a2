"""POST /v1/ask and POST /v1/search."""

import json
from dataclasses import dataclass, replace

from fastapi import APIRouter
from fastapi.responses import Response

from api import answers
from api.access import Asking, Served
from api.answers import IdempotencyKey, Keeping, LastEventId
from api.asked import asked, question_of
from api.background import written
from api.bodies import AskBody, SearchBody
from api.events import EVENTS, answer_with
from api.route import Route
from api.told import Failed, failed
from domain.answers import Answer, SearchResult, StageTime
from domain.errors import ForebayError
from wiring.answers import Answers

router = APIRouter(prefix="/v1", tags=["questions"], route_class=Route)


@dataclass(frozen=True, slots=True)
class Searches:
    """In the order of the questions. `times`: what was done for all of them together."""

    results: tuple[SearchResult | Failed, ...]
    times: tuple[StageTime, ...]


@router.post("/search", response_model=SearchResult | Searches)
async def search(body: SearchBody, asking: Asking, services: Served) -> Response:
    """The passages that fit a question best, with every leg's rank and score; or, for several
    `questions`, `results` in their order, where one may be a problem.
    """
    if body.questions is None:
        question = question_of(body, body.question or "", asking, services)
        return answer_with(await services.search(question, body.config, body))
    questions = [question_of(body, text, asking, services) for text in body.questions]
    looked = await services.search_all(questions, body.config, body)
    results = (
        failed(result) if isinstance(result, ForebayError) else result for result in looked.results
    )
    return answer_with(Searches(tuple(results), looked.times))


@router.post(
    "/ask",
    response_model=Answer,
    responses={
        200: {"content": EVENTS},
        202: {"model": answers.AnswerKept, "description": "It is answered in the background"},
    },
)
async def ask(
    body: AskBody,
    asking: Asking,
    services: Served,
    keeping: Keeping,
    idempotency_key: IdempotencyKey = None,
    last_event_id: LastEventId = "",
) -> Response:
    """An answer with citations; with `stream`, the events retrieval, delta… with citation…, usage,
    and done or error; in the `background`, where it will be.
    """
    if body.stream and last_event_id:
        return answers.resumed(asking.tenant, last_event_id, keeping)
    wish = asked(body, asking, services)
    kept = answers.begun(wish, _said(body, asking), idempotency_key)
    if body.background:
        kept = replace(kept, asked=written(body, asking), callback=await _callback(body, keeping))
        return answers.accepted(await keeping.begin(kept))
    how = answers.streamed if body.stream else answers.whole
    return await how(wish, kept, services, keeping)


def _said(body: AskBody, asking: Asking) -> bytes:
    said = json.dumps(body.model_dump(mode="json", exclude_unset=True), sort_keys=True)
    return f"{said}{asking.room}".encode()  # a conversation of another key is another one


async def _callback(body: AskBody, keeping: Answers) -> str:
    if body.callback is None:
        return ""
    await keeping.webhook.check(body.callback)
    return body.callback
