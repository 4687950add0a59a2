"""Asks a model for what is searched instead of a question: alone, in other words, answered.

What is static stands before the cache boundary, as in `compose.py`; the conversation, the
question and how many wordings are wanted stand behind it.
"""

from collections.abc import Sequence

from domain.prompt import Message, Prompt
from domain.records import Turn
from prompts.compose import prefix
from prompts.fence import fenced

UNCHANGED = "UNCHANGED"  # what the model says of a question that stands alone: see developer.md

_ANSWER_SHOWN = 1_000  # characters: what a question refers to, an answer names early


def rewrite(question: str, turns: Sequence[Turn]) -> Prompt:
    said = "\n".join(_turn(turn) for turn in turns)
    conversation = f"<conversation>\n{said}\n</conversation>"
    return _prompt("rewrite/v1", question, f"{conversation}\n\n{fenced('question', question)}")


def reword(question: str, number: int) -> Prompt:
    wanted = f"Wordings asked for: {number}"
    return _prompt("queries/v1", question, f"{fenced('question', question)}\n\n{wanted}")


def suppose(question: str) -> Prompt:
    return _prompt("hyde/v1", question, fenced("question", question))


def _prompt(version: str, question: str, tail: str) -> Prompt:
    return Prompt(
        version=version,
        prefix=prefix(version),
        history=(),
        tail=(Message("user", tail),),
        question=question,
        evidence=(),
    )


def _turn(turn: Turn) -> str:
    cut = "…" if len(turn.answer) > _ANSWER_SHOWN else ""
    answer = turn.answer[:_ANSWER_SHOWN] + cut
    return f"{fenced('asked', turn.question)}\n{fenced('answered', answer)}"
