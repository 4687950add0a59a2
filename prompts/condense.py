"""Asks a model for less of something: a stretch of a conversation, or many documents, in short.

What is static stands before the cache boundary, as in `compose.py`; all that comes from documents,
questions and answers is fenced.
"""

from collections.abc import Sequence

from domain.documents import Chunk
from domain.prompt import Evidence, Message, Prompt
from domain.records import Turn
from prompts.compose import compose, prefix
from prompts.fence import fenced
from prompts.prefix import prefix as prefix_of
from prompts.sets import Library

NOTHING = "NOTHING"  # what a reader says who found nothing: see map/v1/system.md
EPISODE, MAP, REDUCE = "episode/v1", "map/v1", "reduce/v1"


def minutes(turns: Sequence[Turn]) -> Prompt:
    said = "\n".join(
        f"{fenced('asked', turn.question)}\n{fenced('answered', turn.answer)}" for turn in turns
    )
    return _prompt(EPISODE, f"<conversation>\n{said}\n</conversation>", "")


def read_part(question: str, part: Sequence[Chunk]) -> Prompt:
    """The passages stand in the prefix: who asks a second question reads them from the cache."""
    return compose(question, (), prefix=prefix_of(Library().read(MAP), part, whole=True))


def answer_from(question: str, notes: Sequence[str], evidence: Sequence[Evidence]) -> Prompt:
    """`evidence`: the passages that the notes have the numbers of."""
    tail = f"{fenced('notes', chr(10).join(notes))}\n\nQuestion: {question}"
    return _prompt(REDUCE, tail, question, evidence)


def _prompt(version: str, tail: str, question: str, evidence: Sequence[Evidence] = ()) -> Prompt:
    return Prompt(
        version=version,
        prefix=prefix(version),
        history=(),
        tail=(Message("user", tail),),
        question=question,
        evidence=tuple(evidence),
    )
