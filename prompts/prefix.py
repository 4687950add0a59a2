"""What stands before the cache boundary: a prompt set, and the passages pinned to a collection.

A `Prefix` is made here alone, from those two. So it holds nothing of a question, a user or a
moment, and `compose` puts behind it all that does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.documents import Chunk
from domain.ids import fingerprint
from domain.ports import TokenCounter
from domain.prompt import Evidence, Message, OutputSchema, Tool
from prompts.passages import written
from prompts.sets import PromptSet

_PINNED = (
    "These passages belong to every question. Each is numbered and cited like those that are "
    "retrieved.\n\n<reference>\n{}\n</reference>\n"
)


@dataclass(frozen=True, slots=True)
class Prefix:
    version: str  # "answer/v1", or "answer/v1+3f2c…" with what is pinned
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    schema: OutputSchema | None = None
    evidence: tuple[Evidence, ...] = ()  # what is pinned, numbered from 1


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the prefix, in the order in which it is cached."""

    name: str  # tools, schema, system, developer, pinned
    text: str


def prefix(of: PromptSet, pinned: Sequence[Chunk] = ()) -> Prefix:
    """`pinned` comes in an order that does not change: by document and place."""
    ordered = sorted(pinned, key=lambda chunk: (chunk.source, chunk.start, chunk.id))
    evidence = tuple(Evidence(label, chunk) for label, chunk in enumerate(ordered, start=1))
    if not evidence:
        return Prefix(of.version, of.messages, of.tools, of.schema)
    text = _PINNED.format(written(evidence, "reference"))
    return Prefix(
        f"{of.version}+{fingerprint(text)[:8]}",
        (*of.messages, Message("developer", text)),
        of.tools,
        of.schema,
        evidence,
    )


def rendered(of: Prefix) -> Iterator[Block]:
    """As text, for counting and comparing; each vendor writes it in its own way."""
    if of.tools:
        texts = (f"{tool.name}\n{tool.description}\n{tool.parameters}" for tool in of.tools)
        yield Block("tools", "\n".join(texts))
    if of.schema:
        yield Block("schema", f"{of.schema.name}\n{of.schema.schema}")
    pinned = of.messages[-1] if of.evidence else None
    for message in of.messages:
        yield Block("pinned" if message is pinned else message.role, message.text)


@dataclass(frozen=True, slots=True)
class Change:
    """What of a prefix's cache is left when another takes its place."""

    before: int  # tokens
    after: int
    kept: int  # tokens at the beginning that are the same
    breaks: str  # the block in which the first difference stands; "" when there is none


def change(before: Prefix, after: Prefix, tokens: TokenCounter) -> Change:
    old, new = list(rendered(before)), list(rendered(after))
    kept, breaks = 0, ""
    for one, other in zip(old, new, strict=False):
        if one != other:
            kept += tokens.count(one.text[: _common(one.text, other.text)])
            breaks = other.name
            break
        kept += tokens.count(one.text)
    else:
        if len(old) != len(new):
            breaks = (old if len(old) > len(new) else new)[min(len(old), len(new))].name
    counts = [sum(tokens.count(block.text) for block in blocks) for blocks in (old, new)]
    return Change(counts[0], counts[1], kept, breaks)


def _common(one: str, other: str) -> int:
    """Characters at the beginning that are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
