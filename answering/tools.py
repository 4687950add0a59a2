"""A question's documents as tools: search them, read one of them. For a model that looks again.

Tenant, collections and filter are the question's: a model cannot name others. Every passage keeps
the number under which it was first shown, so that an answer can cite what any call brought.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from answering.find import SPARE, chosen_of, find
from answering.question import AnswerServices, Question
from answering.strategies.document import read_whole
from domain.documents import Chunk
from domain.prompt import Evidence
from gateway.tools import Tools
from prompts.passages import written

_AT_ONCE = 20  # passages of a document
_NOTHING = "Nothing was found. Try other words, or conclude that it is not there."


class Shelf:
    """The passages that the calls for one question have brought, numbered."""

    def __init__(self, first: int = 1) -> None:
        self._first = first
        self._by_place: dict[tuple[str, str, int], Evidence] = {}

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(self._by_place.values())

    def put(self, found: Iterable[tuple[Chunk, str]]) -> str:
        """Each with its collection; as a model reads them."""
        shown = [self._numbered(chunk, collection) for chunk, collection in found]
        return f"<passages>\n{written(shown)}\n</passages>"

    def _numbered(self, chunk: Chunk, collection: str) -> Evidence:
        place = collection, chunk.document_id, chunk.start
        number = self._first + len(self._by_place)
        return self._by_place.setdefault(place, Evidence(number, chunk, collection))


def document_tools(question: Question, services: AnswerServices, shelf: Shelf) -> Tools:
    async def search(
        query: Annotated[str, Field(description="What to look for, as a question", min_length=1)],
        limit: Annotated[int, Field(description="How many passages", ge=1, le=20)] = 5,
    ) -> str:
        """Searches the documents; gives the passages that fit best, each under its number."""
        asked = replace(question, text=query, limit=limit)
        result = await find(replace(asked, limit=SPARE * limit), services)
        chosen = await chosen_of(result.hits, asked, services)
        found = [(hit.chunk, hit.collection or question.collection) for hit in chosen.shown]
        return shelf.put(found) if found else _NOTHING

    async def read_document(
        source: Annotated[str, Field(description="Its path, or its id", min_length=1)],
        start: Annotated[int, Field(description="The first passage to read", ge=1)] = 1,
    ) -> str:
        """Reads a document in its order, some passages at a time, each under its number."""
        chunks = await read_whole(replace(question, document=source), services)
        part = chunks[start - 1 : start - 1 + _AT_ONCE]
        text = shelf.put((chunk, question.collection) for chunk in part)
        left = len(chunks) - (start - 1 + len(part))
        return f"{text}\n{left} passages follow, from {start + len(part)} on." if left > 0 else text

    return Tools([search, read_document])
