"""Which questions of production are kept for evaluation, and for how long. By default none.

What is kept is what people wrote, so it is kept on purpose, for tenants that are named, for days.
"""

import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

from answering.question import Question
from domain.answers import Answer
from domain.errors import Unavailable
from domain.traces import Trace
from wiring.settings import SampleSettings
from wiring.state.database import State

EVALUATION = "eval"  # the endpoint of questions that nobody asked

_log = logging.getLogger("forebay.sampling")


async def keep(
    question: Question, answer: Answer, config: str, settings: SampleSettings, state: State
) -> None:
    """The answer is given either way. A follow-up is not kept: alone it cannot be judged."""
    if question.endpoint == EVALUATION or not _drawn(question.tenant, answer.id, settings):
        return
    try:
        if not await _follows(question, state):
            await state.traces.forget(_before(settings))
            await state.traces.keep(_trace(question, answer, config))
    except Unavailable as error:
        _log.warning("a question was not kept for evaluation: %s", error)


async def forget_old(settings: SampleSettings, state: State) -> None:
    """Also where nothing is kept any more."""
    await state.traces.forget(_before(settings))


def _drawn(tenant: str, answer_id: str, settings: SampleSettings) -> bool:
    """By the answer's random id."""
    chosen = settings.tenants is None or tenant in settings.tenants
    return chosen and UUID(answer_id).int / 2**128 < settings.share


async def _follows(question: Question, state: State) -> bool:
    if question.session is None:
        return False
    return len(await state.sessions.turns(question.tenant, question.session)) > 1


def _before(settings: SampleSettings) -> str:
    return (datetime.now(UTC) - timedelta(days=settings.days)).isoformat()


def _trace(question: Question, answer: Answer, config: str) -> Trace:
    return Trace(
        id=answer.id,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        tenant=question.tenant,
        collection=question.collection,
        question=question.text,
        answer=answer.text,
        found=answer.found,
        config=config,
        shown=tuple(hit.chunk.id for hit in answer.shown),
        where=question.where,
    )
