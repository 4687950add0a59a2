"""Exact token counts, by tiktoken as the product sets it up, and texts cut at tokens."""

import json
import tempfile
from array import array
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from gateway.tokens import Tokens

TOKEN = array("I").itemsize  # bytes of a token's number
MESSAGE_OVERHEAD = 4  # tokens a message costs beside its text
IMAGE = {"low": 85, "high": 765, "auto": 765}  # tokens of one, by its detail


@cache
def counter() -> Tokens:
    return Tokens(Path(tempfile.gettempdir()) / "forebay-tests-tiktoken")


def count(text: str) -> int:
    return counter().count(text)


def count_json(value: object) -> int:
    return count(json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False))


@lru_cache(50_000)
def encoded(text: str) -> bytes:
    """Its tokens' numbers, each in so many bytes."""
    return array("I", counter().encoded(text)).tobytes()


def pieces(text: str) -> list[str]:
    """As a model streams: token by token, whole characters."""
    starts = sorted({*counter().offsets(text), len(text)})
    return [text[a:b] for a, b in pairwise(starts)]
