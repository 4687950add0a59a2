"""One question to one answer: search, fit, compose, call, cite.

`ask` waits for the whole answer, `stream` yields what is known as soon as it is known:
the retrieved passages, pieces of text, then the same Answer that `ask` returns.
"""

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter

from answering.citations import Citing, cite
from answering.find import now
from answering.links import keeping_to, kept_to
from answering.question import Advance, AnswerServices, Event, Question, Retrieved
from answering.stages import Stages
from answering.steer import steer
from answering.strategies import prepare
from answering.strategies.context import Context
from answering.strategies.guard import refuse_too_long
from answering.structure import Shaped, shaped
from answering.tools import Shelf, looking_again, refuse_tools
from domain.answers import Answer, Routed, State
from domain.completion import ChatRequest, Completion
from domain.errors import InvalidInput
from domain.ports import ChatModel
from domain.records import Turn
from domain.request_id import REQUEST_ID


@dataclass(frozen=True, slots=True)
class _Prepared:
    id: str
    question: Question
    request: ChatRequest
    retrieved: Retrieved
    stages: Stages
    started: float
    notes: tuple[str, ...]
    spent_microdollars: int  # before the model was asked for the answer
    routed: Routed | None
    strategy: str
    chat: ChatModel  # that answers it
    shelf: Shelf  # what it is shown


async def ask(question: Question, services: AnswerServices) -> Answer:
    prepared = await _prepared(question, services)
    with prepared.stages.stage("model"):
        said = await _said(prepared)
    return await _finish(prepared, said, services)


async def stream(question: Question, services: AnswerServices) -> AsyncGenerator[Event, None]:
    """Who stops listening closes it, and with it the call to the model."""
    async with aclosing(_prepare(question, services)) as steps:
        async for step in steps:
            if isinstance(step, _Prepared):
                prepared = step
            else:
                yield step
    yield prepared.retrieved
    if question.schema:
        with prepared.stages.stage("model"):
            data = await _said(prepared)
        yield await _finish(prepared, data, services)
        return
    citing = Citing(prepared.shelf.evidence)
    with prepared.stages.stage("model"):
        said = prepared.chat.stream(prepared.request)
        async with aclosing(keeping_to(prepared.shelf.evidence, said)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Completion):
                    completion = piece
                else:
                    yield piece
                    for citation in citing.hear(piece):
                        yield citation
    yield await _finish(prepared, Shaped(completion), services)


async def _said(prepared: _Prepared) -> Shaped:
    if schema := prepared.question.schema:
        return await shaped(prepared.request, schema, prepared.chat)
    completion = await prepared.chat.complete(prepared.request)
    return Shaped(kept_to(prepared.shelf.evidence, completion))


async def _prepare(
    question: Question, services: AnswerServices
) -> AsyncGenerator[Advance | _Prepared, None]:
    """Advances, then what is prepared."""
    if not question.text.strip():
        raise InvalidInput("The question is empty.", field="question")
    if question.tools:
        refuse_tools(question, services)
    started, stages, answer_id = perf_counter(), Stages(), question.id or str(uuid.uuid4())
    async with aclosing(prepare(question, services, stages)) as steps:
        async for step in steps:
            if isinstance(step, Context):
                context = step
            else:
                yield step
    with stages.stage("route"):
        steered = await steer(question, context.prompt, context.shown, services)
    request = question.brought.over(
        ChatRequest(
            context.prompt,
            max_output_tokens=services.config.max_output_tokens,
            effort=question.effort,
            tier=steered.tier,
            account=question.account,
        )
    )
    refuse_too_long(request.prompt, services)
    shelf = Shelf(request.prompt.evidence, question.collection)
    yield _Prepared(
        answer_id,
        question,
        request,
        Retrieved(answer_id, context.shown, context.dropped, context.pinned),
        stages,
        started,
        context.notes,
        context.spent_microdollars + steered.cost_microdollars,
        Routed(steered.tier, steered.why) if steered.tier else None,
        context.strategy,
        looking_again(question, services, shelf) if question.tools else services.chat,
        shelf,
    )


async def _prepared(question: Question, services: AnswerServices) -> _Prepared:
    async with aclosing(_prepare(question, services)) as steps:
        return [step async for step in steps if isinstance(step, _Prepared)][-1]


async def _finish(prepared: _Prepared, said: Shaped, services: AnswerServices) -> Answer:
    completion = said.completion
    question, prompt, stages = prepared.question, prepared.request.prompt, prepared.stages
    with stages.stage("cite"):
        citations = cite(said.said, prepared.shelf.evidence)
    if question.session is not None:
        turn = Turn(question.text, completion.text, now())
        await services.sessions.append(question.tenant, question.session, turn)
    return Answer(
        id=prepared.id,
        question=question.text,
        text=completion.text,
        found=said.found,
        finish=completion.finish,
        citations=citations,
        shown=(*prepared.retrieved.shown, *prepared.shelf.brought),
        dropped=prepared.retrieved.dropped,
        model=completion.model,
        prompt_version=prompt.version,
        prefix_fingerprint=prompt.prefix_fingerprint,
        usage=completion.usage,
        cost_microdollars=(
            completion.cost_microdollars
            + prepared.spent_microdollars
            + prepared.shelf.spent_microdollars
        ),
        times=stages.times,
        session=question.session,
        notes=(*prepared.notes, *completion.notes),
        routed=prepared.routed,
        outcome=said.outcome,
        parsed=said.parsed,
        fault=said.fault,
        arm=question.arm,
        strategy=prepared.strategy,
        pinned=prepared.retrieved.pinned,
        cache=completion.cache,
        state=_state(said),
        calls=completion.calls,
        trace=REQUEST_ID.get(),
    )


def _state(said: Shaped) -> State:
    if said.completion.finish == "refusal":
        return "refused"
    if said.completion.finish != "stop" or said.outcome in {"incomplete", "invalid"}:
        return "incomplete"
    return "answered" if said.found else "not_found"
