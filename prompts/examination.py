"""Asks a model for what an evaluation needs: questions about a passage, and verdicts.

What is static stands before the cache boundary, as in `compose.py`; all that comes from documents,
questions and answers is fenced behind it.
"""

from collections.abc import Sequence

from domain.prompt import Message, Prompt
from prompts.compose import prefix
from prompts.fence import fenced, inside

QUESTIONS = "synth/questions-v1"
ANSWER = "synth/answer-v1"
SUPPORT = "judge/support-v1"
RIGHT = "judge/answer-v1"


def write_questions(where: str, text: str, number: int) -> Prompt:
    wanted = f"Questions asked for: {number}"
    return _prompt(QUESTIONS, f"{_passage(where, text)}\n\n{wanted}")


def find_answer(question: str, where: str, text: str) -> Prompt:
    return _prompt(ANSWER, f"{_passage(where, text)}\n\n{fenced('question', question)}", question)


def judge_support(question: str, statements: Sequence[tuple[str, str]]) -> Prompt:
    """`statements`: each with the words that it cites."""
    said = "\n".join(_statement(number, *one) for number, one in enumerate(statements, start=1))
    return _prompt(SUPPORT, f"{fenced('question', question)}\n\n{said}", question)


def judge_answer(question: str, right: Sequence[str], answer: str) -> Prompt:
    parts = (
        fenced("question", question),
        fenced("right", "\n".join(" ".join(one.split()) for one in right)),
        fenced("answer", answer),
    )
    return _prompt(RIGHT, "\n\n".join(parts), question)


def _prompt(version: str, tail: str, question: str = "") -> Prompt:
    return Prompt(
        version=version,
        prefix=prefix(version),
        history=(),
        tail=(Message("user", tail),),
        question=question,
        evidence=(),
    )


def _statement(number: int, statement: str, cited: str) -> str:
    said = f"{inside(statement)}\n{fenced('cited', cited)}"
    return f'<statement number="{number}">\n{said}\n</statement>'


def _passage(where: str, text: str) -> str:
    return fenced("passage", f"{where}\n{text}" if where else text)
