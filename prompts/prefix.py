"""What stands before the cache boundary: a prompt set, and the passages pinned to a collection.

A `Prefix` is made here alone, from those two. So it holds nothing of a question, a user or a
moment, and `compose` puts behind it all that does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.documents import Chunk
from domain.ids import fingerprint
from domain.ports import TokenCounter
from domain.prompt import Evidence, Message, OutputSchema, Prompt, Tool
from prompts.fence import inside
from prompts.passages import written
from prompts.sets import PromptSet

_PINNED = (
    "These passages belong to every question. Each is numbered and cited like those that are "
    "retrieved.\n\n<reference>\n{}\n</reference>\n"
)
_WHOLE = (
    "These passages, all of them, are what is asked about. Each is numbered and cited like those "
    "that are retrieved.\n\n<reference>\n{}\n</reference>\n"
)
_MAPPED = (
    "The passages come from these files. Each stands here with what is defined in it, for finding "
    "one's way: it is no passage, and is not cited.\n\n<files>\n{}\n</files>\n"
)


@dataclass(frozen=True, slots=True)
class Prefix:
    version: str  # "answer/v1", or "answer/v1+3f2c…" with what is pinned
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    schema: OutputSchema | None = None
    evidence: tuple[Evidence, ...] = ()  # what is pinned, numbered from 1
    shared: tuple[int, ...] = ()  # as a Prompt has it
    common: bool = False  # made of a prompt set alone, so nothing in it is of one tenant


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the prefix, in the order in which it is cached."""

    name: str  # tools, schema, system, developer, pinned
    text: str


def prefix(
    of: PromptSet, pinned: Sequence[Chunk] = (), *, collection: str = "", whole: bool = False
) -> Prefix:
    """`pinned` comes in an order that does not change: by document and place. `whole`: they are
    all of what is asked about. The set before them is shared with questions of other pins.
    """
    ordered = sorted(pinned, key=lambda chunk: (chunk.source, chunk.start, chunk.id))
    evidence = tuple(Evidence(n, chunk, collection) for n, chunk in enumerate(ordered, start=1))
    if not evidence:
        return Prefix(of.version, of.messages, of.tools, of.schema, common=True)
    text = (_WHOLE if whole else _PINNED).format(written(evidence))
    own = len(of.messages)
    return Prefix(
        f"{of.version}+{fingerprint(text)[:8]}",
        (*of.messages, Message("developer", text)),
        of.tools,
        of.schema,
        evidence,
        (own, own + 1),
    )


def mapped(of: PromptSet, files: str) -> Prefix:
    """With a map of files, which is shared by all questions about them."""
    text = _MAPPED.format(inside(files))
    own = len(of.messages)
    return Prefix(
        f"{of.version}+{fingerprint(text)[:8]}",
        (*of.messages, Message("developer", text)),
        of.tools,
        of.schema,
        shared=(own, own + 1),
    )


def prefix_of(prompt: Prompt, pinned: int) -> Prefix:
    """The one that a prompt was made with; so much of its evidence is pinned."""
    return Prefix(
        prompt.version,
        prompt.prefix,
        prompt.tools,
        prompt.schema,
        prompt.evidence[:pinned],
        prompt.shared,
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


def fingerprint_of(made: Prefix) -> str:
    """As a prompt with this prefix has it."""
    whole = Prompt(made.version, made.messages, (), (), "", (), made.tools, made.schema)
    return whole.prefix_fingerprint


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
