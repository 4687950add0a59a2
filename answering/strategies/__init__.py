"""How the context of an answer is made: one module a strategy, and the choice between them."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace

from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.strategies import auto
from answering.strategies.context import Context, Prepare, Preparing
from answering.strategies.conversation import conversation
from answering.strategies.corpus import corpus
from answering.strategies.document import document
from answering.strategies.repository import repository
from answering.strategies.synthesis import synthesis
from domain.errors import InvalidInput

STRATEGIES: Mapping[str, Prepare] = {
    "corpus": corpus,
    "document": document,
    "conversation": conversation,
    "repository": repository,
    "synthesis": synthesis,
}
AUTO = "auto"


async def prepare(question: Question, services: AnswerServices, stages: Stages) -> Preparing:
    """By the strategy that the question names, or by the one that fits it."""
    if question.strategy not in {AUTO, *STRATEGIES}:
        known = ", ".join((AUTO, *STRATEGIES))
        raise InvalidInput(
            f"There is no strategy '{question.strategy}'; there are {known}.", field="strategy"
        )
    note = ""
    if question.strategy == AUTO:
        with stages.stage("strategy"):
            question, note = await auto.chosen(question, services)
    async with aclosing(STRATEGIES[question.strategy](question, services, stages)) as steps:
        async for step in steps:
            if isinstance(step, Context) and note:
                yield replace(step, notes=(note, *step.notes))
            else:
                yield step
