"""What hosted reranking APIs are sent and what they answer: Cohere, Voyage, Jina, and TEI.

A passage is the more relevant the more words of the question it has. Knows no connection.
"""

from typing import Any

Json = dict[str, Any]

PATHS = {"cohere": "/v2/rerank", "voyage": "/v1/rerank", "jina": "/v1/rerank", "tei": "/rerank"}

_TAKEN = {
    "cohere": {"model", "query", "documents", "top_n", "max_tokens_per_doc"},
    "voyage": {"model", "query", "documents", "top_k", "truncation", "return_documents"},
    "jina": {"model", "query", "documents", "top_n", "return_documents"},
    "tei": {"query", "texts", "truncate", "raw_scores", "return_text"},
}
_MOST = {"cohere": 1000, "voyage": 1000, "jina": 2048, "tei": 32}
_A_SEARCH = 100  # passages of a search unit


def relevance(question: str, passage: str) -> float:
    words = set(question.lower().split())
    return len(words & set(passage.lower().split())) / max(1, len(words))


def wrong(api: str, body: Json) -> str | None:
    """What the API would refuse this request for."""
    texts = _texts(body)
    unknown = sorted(set(body) - _TAKEN[api])
    if unknown:
        return f"unknown field: '{unknown[0]}'"
    if "model" in _TAKEN[api] and not body.get("model"):
        return "model is required"
    if not all(text.strip() for text in (*texts, body["query"])):
        return "inputs cannot be empty"
    if any("\ud800" <= character <= "\udfff" for text in texts for character in text):
        return "invalid unicode"
    if not 0 < len(texts) <= _MOST[api]:
        return f"{len(texts)} documents, at most {_MOST[api]}"
    return None


def whole(api: str, body: Json) -> object:
    """The best first, as all of them answer."""
    texts = _texts(body)
    name = "score" if api == "tei" else "relevance_score"
    found = [{"index": i, name: relevance(body["query"], text)} for i, text in enumerate(texts)]
    found.sort(key=lambda item: -item[name])
    found = found[: body.get("top_n") or body.get("top_k") or len(found)]
    tokens = sum(len(text.split()) + len(body["query"].split()) for text in texts)
    searches = -(-len(texts) // _A_SEARCH)
    answers: dict[str, object] = {
        "cohere": {
            "id": "r-1", "results": found,
            "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": searches}},
        },
        "voyage": {
            "object": "list", "data": found, "model": body.get("model"),
            "usage": {"total_tokens": tokens},
        },
        "jina": {
            "model": body.get("model"), "results": found, "usage": {"total_tokens": tokens}
        },
        "tei": found,
    }  # fmt: skip
    return answers[api]


def error(api: str, message: str) -> Json:
    bodies: dict[str, Json] = {
        "cohere": {"id": "r-1", "message": message},
        "voyage": {"detail": message},
        "jina": {"detail": message},
        "tei": {"error": message, "error_type": "Validation"},
    }
    return bodies[api]


def _texts(body: Json) -> list[str]:
    return list(body.get("texts") or body.get("documents") or [])
