"""What a tool says: of each answer of the API, as much as a model needs to go on.

Knows neither MCP nor who asks.
"""

from pydantic import JsonValue

from domain.answers import Answer, Citation, SearchResult
from domain.hits import Hit
from wiring.codec import from_json
from wiring.passage import Stretch

Shown = dict[str, JsonValue]


def found(data: bytes) -> Shown:
    result = from_json(SearchResult, data)
    return {"passages": [_passage(hit) for hit in result.hits], "notes": [*result.notes]}


def answered(data: bytes) -> Shown:
    answer = from_json(Answer, data)
    return {
        "answer": answer.text,
        "found": answer.found,
        "citations": [_citation(citation) for citation in answer.citations],
        "session": answer.session,
        "cost_microdollars": answer.cost_microdollars,
        "notes": [*answer.notes],
    }


def stretch(data: bytes) -> Shown:
    there = from_json(Stretch, data)
    return {
        "document_id": there.document.id,
        "source": there.document.source,
        "title": there.document.title,
        "start": there.start,
        "length": there.length,  # of the whole document
        "text": there.text,
    }


def _passage(hit: Hit) -> Shown:
    chunk = hit.chunk
    return {
        "document_id": chunk.document_id,
        "source": chunk.source,
        "title": chunk.title,
        "headings": [*chunk.headings],
        "page": chunk.page,
        "start": chunk.start,
        "end": chunk.end,
        "score": hit.score,
        "text": chunk.text,
    }


def _citation(citation: Citation) -> Shown:
    return {
        "number": citation.label,
        "document_id": citation.document_id,
        "source": citation.source,
        "title": citation.title,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }
