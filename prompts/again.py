"""Asks for an answer once more that was to be data and is not: with it, and what is wrong with it.

The prefix, and the schema in it, stay as they were.
"""

from dataclasses import replace
from functools import cache
from importlib.resources import files

from domain.prompt import Message, Prompt
from prompts.sets import canonical

_VERSION = "repair/v1"
_ANSWER_SHOWN = 8_000  # characters


def ask_again(prompt: Prompt, answer: str, fault: str) -> Prompt:
    """`fault`: what is wrong with the answer, as half a sentence."""
    said = (Message("assistant", answer[:_ANSWER_SHOWN]),) if answer.strip() else ()
    wanted = Message("user", f"{_words()}What is wrong with it: {fault}.")
    return replace(prompt, tail=(*prompt.tail, *said, wanted))


@cache
def _words() -> str:
    path = files("prompts").joinpath(*_VERSION.split("/"), "user.md")
    return canonical(path.read_text("utf-8"))
