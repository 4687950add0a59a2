"""The Embeddings API: vectors that are a function of the text, so that equal texts agree."""

import base64
import hashlib
from typing import Any

import numpy as np
from openai.types import EmbeddingCreateParams

from tests.provider.tokens import count

Json = dict[str, Any]

TAKEN = frozenset(EmbeddingCreateParams.__annotations__)

_OWN = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536}
_INPUTS = 2048
_TOKENS = 300_000
_TOKENS_EACH = 8192


def tokens(body: Json) -> int:
    return sum(count(text) for text in _texts(body))


def wrong(body: Json) -> tuple[str, str | None] | None:
    """What the API would refuse this request for: its words and its code."""
    texts = _texts(body)
    counts = [count(text) for text in texts]
    if not all(texts):
        return "'$.input' is invalid: an input cannot be an empty string.", None
    if len(texts) > _INPUTS:
        return f"'$.input' is invalid: {len(texts)} inputs, at most {_INPUTS}.", None
    if max(counts) > _TOKENS_EACH:
        return f"This model's maximum context length is {_TOKENS_EACH} tokens.", None
    if sum(counts) > _TOKENS:
        words = f"Requested {sum(counts)} tokens, max {_TOKENS} tokens per request"
        return words, "max_tokens_per_request"
    return None


def whole(body: Json) -> Json:
    texts = _texts(body)
    size = body.get("dimensions") or _OWN.get(body["model"], 64)
    data = [
        {"object": "embedding", "index": i, "embedding": _encoded(text, size, body)}
        for i, text in enumerate(texts)
    ]
    spent = tokens(body)
    usage = {"prompt_tokens": spent, "total_tokens": spent}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def vector(text: str, size: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    found = np.random.default_rng(seed).normal(size=size).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)


def _texts(body: Json) -> list[str]:
    return [body["input"]] if isinstance(body["input"], str) else list(body["input"])


def _encoded(text: str, size: int, body: Json) -> str | list[float]:
    found = vector(text, size)
    if body.get("encoding_format") == "base64":
        return base64.b64encode(found.tobytes()).decode()
    return [float(value) for value in found]
