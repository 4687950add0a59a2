"""What a strategy makes of a question: the prompt, and the reasons for what stands in it."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from answering.question import Advance, AnswerServices, Question
from answering.stages import Stages
from domain.answers import Dropped
from domain.hits import Hit
from domain.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Context:
    prompt: Prompt
    strategy: str
    shown: tuple[Hit, ...] = ()  # behind the boundary
    pinned: tuple[str, ...] = ()  # before it: ids of passages, the first is [1]
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    spent_microdollars: int = 0  # before the model is asked for the answer


# Advances, then exactly one Context.
Preparing = AsyncGenerator[Advance | Context, None]
Prepare = Callable[[Question, AnswerServices, Stages], Preparing]
