"""The Embeddings API: vectors that are a function of the text, so that equal texts agree."""

import base64
import hashlib
from typing import Any

import numpy as np

from tests.provider.tokens import count

Json = dict[str, Any]

_OWN = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536}


def whole(body: Json) -> Json:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    size = body.get("dimensions") or _OWN.get(body["model"], 64)
    data = [
        {"object": "embedding", "index": i, "embedding": _encoded(text, size, body)}
        for i, text in enumerate(texts)
    ]
    tokens = sum(count(text) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def vector(text: str, size: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    found = np.random.default_rng(seed).normal(size=size).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found), dtype=np.float32)


def _encoded(text: str, size: int, body: Json) -> str | list[float]:
    found = vector(text, size)
    if body.get("encoding_format") == "base64":
        return base64.b64encode(found.tobytes()).decode()
    return [float(value) for value in found]
