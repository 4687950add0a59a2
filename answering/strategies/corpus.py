"""The usual strategy: the passages of a collection that fit the question best.

Of a conversation the last turns stand between them and the prefix. Old ones go in blocks, not one
by one: while a block lasts, each request begins with all of the one before it, and is found in the
provider's cache; when one goes, the conversation is written anew once.
"""

from collections.abc import Sequence
from dataclasses import replace

from answering.find import SPARE, chosen_of, find, understood
from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.strategies.context import Context, Preparing
from domain.prompt import Evidence
from domain.records import Turn
from prompts.compose import compose


async def corpus(question: Question, services: AnswerServices, stages: Stages) -> Preparing:
    turns = await said(question, services)
    yield await over_passages(question, services, stages, recent(turns, services))


async def said(question: Question, services: AnswerServices) -> Sequence[Turn]:
    """The whole conversation."""
    if question.session is None:
        return question.brought.turns
    return await services.sessions.turns(question.tenant, question.session)


def recent(turns: Sequence[Turn], services: AnswerServices) -> Sequence[Turn]:
    """Between half and all of the turns that are shown at most: a block is half of them."""
    most = services.config.history_turns
    block = max(1, most // 2)
    over = max(0, len(turns) - most)
    return turns[-(-over // block) * block :]


async def over_passages(
    question: Question,
    services: AnswerServices,
    stages: Stages,
    history: Sequence[Turn],
    earlier: Sequence[str] = (),
    strategy: str = "corpus",
) -> Context:
    limit = question.limit or services.config.search.limit
    with stages.stage("understand"):
        read = await understood(question, history, services)
    result = await find(replace(question, limit=SPARE * limit), services, read)
    stages.add(*result.times)
    prefix = await services.prefixes.of(
        services.config.prompt, question.tenant, question.collection, question.where
    )
    with stages.stage("select"):
        wanted = replace(question, limit=limit)
        chosen = await chosen_of(result.hits, wanted, services, prefix.evidence)
    with stages.stage("compose"):
        first = len(prefix.evidence) + 1
        prompt = compose(
            question.text,
            [
                Evidence(label, hit.chunk, hit.collection)
                for label, hit in enumerate(chosen.shown, start=first)
            ],
            prefix=prefix,
            earlier=earlier,
            history=history,
            read_as=read.texts[0],
        )
    return Context(
        prompt,
        strategy,
        chosen.shown,
        tuple(item.chunk.id for item in prefix.evidence),
        (*result.dropped, *chosen.dropped),
        (*read.notes, *result.notes),
        result.cost_microdollars + read.cost_microdollars,
    )
