"""Exact token counts, by tiktoken as the product sets it up, and texts cut at tokens."""

import tempfile
from functools import cache
from itertools import pairwise
from pathlib import Path

from gateway.tokens import Tokens

MESSAGE_OVERHEAD = 4  # tokens a message costs beside its text


@cache
def counter() -> Tokens:
    return Tokens(Path(tempfile.gettempdir()) / "forebay-tests-tiktoken")


def count(text: str) -> int:
    return counter().count(text)


def pieces(text: str) -> list[str]:
    """As a model streams: token by token, whole characters."""
    starts = sorted({*counter().offsets(text), len(text)})
    return [text[a:b] for a, b in pairwise(starts)]
