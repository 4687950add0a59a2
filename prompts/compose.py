"""Turns a question, its evidence and its history into a Prompt.

The prefix comes from the prompt set's files alone, so it is the same bytes on every request.
Everything that changes from question to question stands in the tail.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from domain.documents import Chunk
from domain.errors import Misconfigured
from domain.prompt import Evidence, Message, Prompt
from domain.records import Turn


def compose(
    question: str,
    evidence: Sequence[Evidence],
    *,
    history: Sequence[Turn] = (),
    version: str = "answer/v1",
    read_as: str | None = None,
) -> Prompt:
    """`read_as`: the question as it stands without its conversation, for who only reads it."""
    return Prompt(
        version=version,
        prefix=prefix(version),
        history=tuple(message for turn in history for message in _messages(turn)),
        tail=(Message("user", _tail(question, evidence)),),
        question=read_as or question,
        evidence=tuple(evidence),
    )


@cache
def prefix(version: str) -> tuple[Message, ...]:
    """What stands before the cache boundary, read once."""
    folder = files("prompts").joinpath(*version.split("/"))
    if not folder.is_dir():
        raise Misconfigured(f"There is no prompt set '{version}' under prompts/.")
    return (
        Message("system", canonical(folder.joinpath("system.md").read_text("utf-8"))),
        Message("developer", canonical(folder.joinpath("developer.md").read_text("utf-8"))),
    )


def canonical(text: str) -> str:
    """LF, NFC, no trailing blanks, one line end at the end."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"


def _messages(turn: Turn) -> tuple[Message, Message]:
    return Message("user", f"Question: {turn.question}"), Message("assistant", turn.answer)


def passages(chunks: Sequence[Chunk]) -> str:
    """As the model reads them; the first is its [1]."""
    return "\n\n".join(_passage(Evidence(n, chunk)) for n, chunk in enumerate(chunks, start=1))


def _tail(question: str, evidence: Sequence[Evidence]) -> str:
    written = "\n\n".join(_passage(item) for item in evidence)
    return f"<passages>\n{written}\n</passages>\n\nQuestion: {question}"


def _passage(item: Evidence) -> str:
    chunk = item.chunk
    page = f" (page {chunk.page})" if chunk.page else ""
    lines = (f"{chunk.where or chunk.source}{page}", chunk.table_header, chunk.text)
    # A document that contains our closing mark must not be able to end the fence.
    text = "\n".join(line for line in lines if line).replace("</passages", "<\\/passages")
    return f"[{item.label}] {text}"
