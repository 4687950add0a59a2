"""A long conversation: its last turns word for word, before them what was said earlier, in short.

Every 20 turns become an episode: a mini model writes its minutes, once. Episodes stand in their
order before the turns and are never changed. So each request begins with all of the one before it
until the next episode is closed, and with all episodes even then: the provider's cache survives.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.strategies.aside import Said, aside
from answering.strategies.context import Preparing
from answering.strategies.corpus import over_passages, recent, said
from domain.errors import InvalidInput
from domain.records import Turn
from prompts.condense import minutes

EPISODE = 20  # turns
_KEPT = 4  # turns that stay word for word, whatever is closed
_MOST = 60  # turns that are shown where minutes could not be written
_BUDGET = 60_000  # tokens of episodes and turns; the oldest go first
_TOKENS, _SECONDS, _AT_ONCE = 800, 20.0, 4


@dataclass(frozen=True, slots=True)
class _Earlier:
    episodes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    cost_microdollars: int = 0


async def conversation(question: Question, services: AnswerServices, stages: Stages) -> Preparing:
    if question.session is None:
        raise InvalidInput(
            "The strategy 'conversation' needs a `session`: its turns are what it shows.",
            field="session",
        )
    turns = await said(question, services)
    with stages.stage("episodes"):
        earlier = await _earlier(question, turns, services)
    window = turns[EPISODE * len(earlier.episodes) :]
    if len(window) > _MOST or not services.generates:
        window = recent(turns, services)
    episodes, window = _fitting(earlier.episodes, window, services)
    context = await over_passages(question, services, stages, window, episodes, "conversation")
    yield replace(
        context,
        notes=(*earlier.notes, *context.notes),
        spent_microdollars=context.spent_microdollars + earlier.cost_microdollars,
    )


async def _earlier(question: Question, turns: Sequence[Turn], services: AnswerServices) -> _Earlier:
    """All episodes; those that are due and not there are written now."""
    assert question.session is not None
    log, due = services.episodes, max(0, len(turns) - _KEPT) // EPISODE
    if log is None or not services.generates:
        return _Earlier(())
    known = list(await log.episodes(question.tenant, question.session))[:due]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def write(number: int) -> Said:
        prompt = minutes(turns[number * EPISODE : (number + 1) * EPISODE])
        async with slots:
            return await aside(
                prompt,
                question,
                services,
                endpoint="episode",
                output_tokens=_TOKENS,
                seconds=_SECONDS,
            )

    missing = range(len(known), due)
    written = await asyncio.gather(*map(write, missing))
    for number, one in zip(missing, written, strict=True):
        if one.fault:
            break
        await log.close_episode(question.tenant, question.session, number, one.text)
        known.append(one.text)
    faults = [one.fault for one in written if one.fault][:1]
    notes = tuple(f"The conversation was not shortened: {fault}." for fault in faults)
    return _Earlier(tuple(known), notes, sum(one.cost_microdollars for one in written))


def _fitting(
    episodes: Sequence[str], turns: Sequence[Turn], services: AnswerServices
) -> tuple[Sequence[str], Sequence[Turn]]:
    """Without the oldest, where all of it is too long."""
    texts = [*episodes, *(f"{turn.question}\n{turn.answer}" for turn in turns)]
    if sum(map(len, texts)) <= _BUDGET:  # no token has less than a character
        return episodes, turns
    left = _BUDGET
    for number in range(len(texts) - 1, -1, -1):
        left -= services.tokens.count(texts[number])
        if left < 0:
            gone = number + 1
            return episodes[gone:], turns[max(0, gone - len(episodes)) :]
    return episodes, turns
