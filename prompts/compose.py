"""Turns a question, its evidence and its history into a Prompt.

The prefix is given and is the same bytes on every request. Everything that changes from
question to question stands behind it, in history and tail.
"""

from collections.abc import Sequence
from functools import cache

from domain.documents import Chunk
from domain.prompt import Evidence, Message, Prompt
from domain.records import Turn
from prompts.passages import written
from prompts.prefix import Prefix
from prompts.prefix import prefix as prefix_of
from prompts.sets import Library


def compose(
    question: str,
    evidence: Sequence[Evidence],
    *,
    history: Sequence[Turn] = (),
    version: str = "answer/v1",
    prefix: Prefix | None = None,
    read_as: str | None = None,
) -> Prompt:
    """`read_as`: the question as it stands without its conversation, for who only reads it."""
    made = prefix or prefix_of(Library().read(version))
    return Prompt(
        version=made.version,
        prefix=made.messages,
        history=tuple(message for turn in history for message in _messages(turn)),
        tail=(Message("user", _tail(question, evidence)),),
        question=read_as or question,
        evidence=(*made.evidence, *evidence),
        tools=made.tools,
        schema=made.schema,
    )


@cache
def prefix(version: str) -> tuple[Message, ...]:
    """What stands before the cache boundary, read once."""
    return Library().read(version).messages


def passages(chunks: Sequence[Chunk]) -> str:
    """As the model reads them; the first is its [1]."""
    return written(Evidence(n, chunk) for n, chunk in enumerate(chunks, start=1))


def _messages(turn: Turn) -> tuple[Message, Message]:
    return Message("user", f"Question: {turn.question}"), Message("assistant", turn.answer)


def _tail(question: str, evidence: Sequence[Evidence]) -> str:
    return f"<passages>\n{written(evidence)}\n</passages>\n\nQuestion: {question}"
