"""Asks a model how well passages answer a question: first, and again when its answer is no use.

What is static stands before the cache boundary, as in `compose.py`; the passages are fenced.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from domain.prompt import Message, Prompt
from prompts.compose import prefix
from prompts.fence import fenced
from prompts.sets import canonical

_VERSION = "rerank/v1"
_ANSWER_SHOWN = 2_000  # characters


def ask(question: str, passages: Sequence[str]) -> Prompt:
    written = "\n".join(
        fenced("passage", text, number=number) for number, text in enumerate(passages, start=1)
    )
    return Prompt(
        version=_VERSION,
        prefix=prefix(_VERSION),
        history=(),
        tail=(Message("user", f"Question: {question}\n\n{written}"),),
        question=question,
        evidence=(),
    )


def ask_again(prompt: Prompt, answer: str, fault: str) -> Prompt:
    """`fault`: what is wrong with the answer, as half a sentence."""
    said = (Message("assistant", answer[:_ANSWER_SHOWN]),) if answer.strip() else ()
    wanted = Message("user", f"{_repair(prompt.version)}What is wrong with it: {fault}.")
    return replace(prompt, tail=(*prompt.tail, *said, wanted))


@cache
def _repair(version: str) -> str:
    path = files("prompts").joinpath(*version.split("/"), "repair.md")
    return canonical(path.read_text("utf-8"))
