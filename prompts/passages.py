"""How a passage is written for a model: its number, where it stands, its text, in a fence."""

import re
from collections.abc import Iterable, Sequence

from domain.documents import Chunk
from domain.ports import TokenCounter
from domain.prompt import Evidence
from prompts.fence import inside

_NUMBER = re.compile(r"^([^\S\n]*)\[(?=\d)", re.MULTILINE)  # at the start of a line, as ours are
_NOT_OURS = r"\1\\["
_BETWEEN = "\n\n"


def written(evidence: Iterable[Evidence]) -> str:
    """What stands in a fence."""
    return _BETWEEN.join(map(_passage, evidence))


def length(chunks: Sequence[Chunk], tokens: TokenCounter) -> int:
    """Tokens of all of them when they are written, with what stands between them.

    One by one, so that each can be remembered: no token has a line's end and the bracket behind
    it, and each number has one.
    """
    return sum(tokens.count(_passage(Evidence(1, chunk)) + _BETWEEN) for chunk in chunks)


def _passage(item: Evidence) -> str:
    chunk = item.chunk
    page = f" (page {chunk.page})" if chunk.page else ""
    lines = (f"{chunk.where or chunk.source}{page}", chunk.table_header, chunk.text)
    text = inside("\n".join(line for line in lines if line))
    if "[" in text:
        text = _NUMBER.sub(_NOT_OURS, text)
    return f"[{item.label}] {text}"
