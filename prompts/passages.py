"""How a passage is written for a model: its number, where it stands, its text, in a fence."""

from collections.abc import Iterable

from domain.prompt import Evidence


def written(evidence: Iterable[Evidence], fence: str = "passages") -> str:
    """What stands between <fence> and </fence>."""
    # A document that contains our closing mark must not be able to end the fence.
    return "\n\n".join(map(_passage, evidence)).replace(f"</{fence}", f"<\\/{fence}")


def _passage(item: Evidence) -> str:
    chunk = item.chunk
    page = f" (page {chunk.page})" if chunk.page else ""
    lines = (f"{chunk.where or chunk.source}{page}", chunk.table_header, chunk.text)
    text = "\n".join(line for line in lines if line)
    return f"[{item.label}] {text}"
