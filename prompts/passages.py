"""How a passage is written for a model: its number, where it stands, its text, in a fence."""

import re
from collections.abc import Iterable

from domain.prompt import Evidence
from prompts.fence import inside

_NUMBER = re.compile(r"^([^\S\n]*)\[(?=\d)", re.MULTILINE)  # at the start of a line, as ours are
_NOT_OURS = r"\1\\["


def written(evidence: Iterable[Evidence]) -> str:
    """What stands in a fence."""
    return "\n\n".join(map(_passage, evidence))


def _passage(item: Evidence) -> str:
    chunk = item.chunk
    page = f" (page {chunk.page})" if chunk.page else ""
    lines = (f"{chunk.where or chunk.source}{page}", chunk.table_header, chunk.text)
    text = inside("\n".join(line for line in lines if line))
    if "[" in text:
        text = _NUMBER.sub(_NOT_OURS, text)
    return f"[{item.label}] {text}"
