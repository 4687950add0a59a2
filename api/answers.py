"""/v1/answers: answers that outlive the request that asked for them, and how they are given.

Under an `Idempotency-Key`, in the background, or as a stream that somebody comes back to.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response

from api import told
from api.access import Administering, Asking
from api.asked import Asked
from api.events import EVENTS, STREAM, answer_with, event_stream, sse
from api.route import Route
from api.told import Failed
from domain.answers import Answer
from domain.errors import InvalidInput
from domain.jobs import JobState
from domain.kept import KeptAnswer
from wiring.answers import Answers, a_kept
from wiring.codec import from_json, to_json
from wiring.live import Events, Live
from wiring.services import Services

router = APIRouter(prefix="/v1", tags=["questions"], route_class=Route)

_EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": EVENTS}}
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="Of your making. The same request under the same key is answered once",
    ),
]
LastEventId = Annotated[
    str,
    Header(
        description="Of the last event that you heard: you are told the rest, up to two minutes "
        "after the end. Only the process that gives the answer knows it: with several workers or "
        "replicas the line may come to another one, which answers 404. Ask again then, under the "
        "same `Idempotency-Key` if you sent one"
    ),
]


@dataclass(frozen=True, slots=True)
class AnswerKept:
    id: str
    state: JobState
    created_at: str
    ended_at: str | None
    answer: Answer | None
    error: Failed | None


@dataclass(frozen=True, slots=True)
class Secret:
    secret: str  # as https://www.standardwebhooks.com has it


async def answers_of(request: Request) -> Answers:
    answers: Answers = request.app.state.answers
    return answers


Keeping = Annotated[Answers, Depends(answers_of)]


@router.get("/answers/{id}", response_model=AnswerKept, responses=_EVENTS)
async def answer(
    id: str,  # noqa: A002  as it is called in the path
    asking: Asking,
    keeping: Keeping,
    accept: Annotated[str, Header()] = "",
    last_event_id: LastEventId = "",
) -> Response:
    """An answer given in the background or under a key; with `Accept: text/event-stream` the
    events of one that streams, or did a moment ago.
    """
    if STREAM in accept:
        live = keeping.lives.find(asking.tenant, id)
        return follow(live, keeping, _after(last_event_id)[1])
    return answer_with(view(await keeping.find(asking.tenant, id)))


@router.delete("/answers/{id}", status_code=204)
async def stop(
    id: str,  # noqa: A002  as it is called in the path
    asking: Asking,
    keeping: Keeping,
) -> None:
    """It is given up, with the call to the model, and what is kept of it goes."""
    await keeping.stop(asking.tenant, id)


@router.get("/webhook-secret", response_model=Secret)
async def webhook_secret(asking: Administering, keeping: Keeping) -> Response:
    """With which answers that are sent to a `callback` are signed: the same for all of a tenant."""
    return answer_with(Secret(await keeping.webhook.secret(asking.tenant)))


def view(kept: KeptAnswer) -> AnswerKept:
    done, over = kept.state == "done", kept.state == "failed"
    return AnswerKept(
        kept.id,
        kept.state,
        kept.created_at,
        kept.ended_at,
        from_json(Answer, kept.result) if done else None,
        from_json(Failed, kept.result) if over else None,
    )


def write(kept: KeptAnswer) -> bytes:
    return to_json(view(kept))


def begun(asked: Asked, body: bytes, key: str | None) -> KeptAnswer:
    """The key belongs to this request, byte for byte as JSON has it."""
    question = asked.question
    mark = hashlib.sha256(body).hexdigest()
    return a_kept(question.tenant, mark, key=key, session=question.session)


async def whole(asked: Asked, kept: KeptAnswer, services: Services, keeping: Answers) -> Response:
    if kept.key is None:
        return answer_with(await told.answered(asked, services))
    if found := await keeping.once(kept):
        return Response(found.result, media_type="application/json", headers=_REPLAYED)
    async with keeping.giving(kept):
        answer = await told.answered(_named(asked, kept), services)
        await keeping.gave(kept, to_json(answer).decode())
    return answer_with(answer)


async def streamed(
    asked: Asked, kept: KeptAnswer, services: Services, keeping: Answers
) -> Response:
    events = told.events(_named(asked, kept), services)
    if kept.key is not None:
        found = await keeping.of_key(kept)
        if found and not found.over and keeping.lives.has(found.tenant, found.id):
            return follow(keeping.lives.find(found.tenant, found.id), keeping)
        if found := await keeping.once(kept):
            events = told.again(from_json(Answer, found.result))
        else:
            events = _keeping(events, kept, keeping)
    live = keeping.lives.begin(kept.id, kept.tenant, events, told.BROKEN)
    return follow(live, keeping)


def resumed(tenant: str, last_event_id: str, keeping: Answers) -> Response:
    id_, after = _after(last_event_id)
    return follow(keeping.lives.find(tenant, id_), keeping, after)


def follow(live: Live, keeping: Answers, after: int = 0) -> Response:
    """It says at once where the answer is, so that it can be stopped before its first event."""
    response = event_stream(_lines(live, keeping.lives.config.beat, after))
    response.headers["Content-Location"] = f"{router.prefix}/answers/{live.id}"
    return response


def accepted(kept: KeptAnswer) -> Response:
    response = answer_with(view(kept))
    response.status_code = HTTPStatus.ACCEPTED
    response.headers["Location"] = f"{router.prefix}/answers/{kept.id}"
    return response


async def _keeping(events: Events, kept: KeptAnswer, keeping: Answers) -> Events:
    async with keeping.giving(kept), aclosing(events):
        async for name, data in events:
            if name == "done":
                await keeping.gave(kept, data.decode())
            yield name, data


async def _lines(live: Live, beat: float, after: int) -> AsyncIterator[bytes]:
    async with aclosing(live.hear(after, beat)) as events:
        async for event in events:
            if event is None:
                yield b": still there\n\n"
            else:
                yield sse(event.name, event.data, f"{live.id}:{event.number}")


def _after(last_event_id: str) -> tuple[str, int]:
    id_, _, number = last_event_id.partition(":")
    if last_event_id and not number.isdecimal():
        raise InvalidInput(
            f"'{last_event_id[:80]}' is no id of an event of this service.", field="Last-Event-ID"
        )
    return id_, int(number or 0)


def _named(asked: Asked, kept: KeptAnswer) -> Asked:
    return replace(asked, question=replace(asked.question, id=kept.id))


_REPLAYED = {"Idempotency-Replayed": "true"}
