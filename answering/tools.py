"""A question's documents as tools: search them, read one of them. For a model that looks again.

Tenant, collections and filter are the question's: a model cannot name others. Every passage keeps
the number under which it was first shown, so that an answer can cite what any call brought. What
it may spend unasked is set, as for every strategy that costs more than one call.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from answering.find import SPARE, chosen_of, find
from answering.question import AnswerServices, Question
from answering.strategies.document import read_whole
from domain.documents import Chunk
from domain.errors import InvalidInput, NotFound
from domain.hits import Hit
from domain.ports import ChatModel
from domain.prompt import Evidence
from gateway.tool_loop import LoopConfig, ToolUser
from gateway.tools import Tools
from prompts.choosing import choose_tools
from prompts.passages import written

_AT_ONCE = 20  # passages of a document
_NOTHING = "Nothing was found. Try other words, or conclude that it is not there."


class Shelf:
    """The passages that a model has been shown, numbered: those of the prompt, then those that its
    calls have brought. `evidence` grows.
    """

    def __init__(self, shown: Sequence[Evidence] = (), collection: str = "") -> None:
        """`collection`: of a passage that names none."""
        self.evidence = list(shown)
        self.spent_microdollars = 0  # on finding it
        self._given = len(shown)
        self._collection = collection
        self._by_place = {self._place(item.chunk, item.collection): item for item in shown}

    @property
    def brought(self) -> tuple[Hit, ...]:
        """In the order of their numbers."""
        new = self.evidence[self._given :]
        return tuple(Hit(item.chunk, 0.0, {}, collection=item.collection) for item in new)

    def put(self, found: Iterable[tuple[Chunk, str]]) -> str:
        """Each with its collection; as a model reads them."""
        shown = [self._numbered(chunk, collection) for chunk, collection in found]
        return f"<passages>\n{written(shown)}\n</passages>"

    def _numbered(self, chunk: Chunk, collection: str) -> Evidence:
        place = self._place(chunk, collection)
        if place not in self._by_place:
            number = max((item.label for item in self.evidence), default=0) + 1
            self._by_place[place] = Evidence(number, chunk, collection)
            self.evidence.append(self._by_place[place])
        return self._by_place[place]

    def _place(self, chunk: Chunk, collection: str) -> tuple[str, str, int]:
        return collection or self._collection, chunk.document_id, chunk.start


def looking_again(question: Question, services: AnswerServices, shelf: Shelf) -> ChatModel:
    """The service's models, each with the tools."""
    unasked = services.config.context.unasked_microdollars
    dearest = LoopConfig().microdollars if question.accept_cost else unasked
    config = LoopConfig(microdollars=question.brought.microdollars or dearest)
    tools = document_tools(question, services, shelf)
    return ToolUser(services.chat, tools, choose_tools, config)


def refuse_tools(question: Question, services: AnswerServices) -> None:
    """InvalidInput where they go with nothing else that was asked for."""
    why = ""
    if not services.generates:
        why = "need a chat model, and there is none. Set OPENAI_API_KEY, or leave `tools` out"
    elif question.schema:
        why = "do not go with `response_schema`. Leave one of them out"
    elif question.brought.tools:
        why = "do not go with tools of your own. Leave `tools: true` out, or yours"
    if why:
        raise InvalidInput(f"The documents' tools {why}.", field="tools")


def document_tools(question: Question, services: AnswerServices, shelf: Shelf) -> Tools:
    async def search(
        query: Annotated[str, Field(description="What to look for, as a question", min_length=1)],
        limit: Annotated[int, Field(description="How many passages", ge=1, le=20)] = 5,
    ) -> str:
        """Searches the documents again, where the passages shown do not answer the question, or
        not all of it; gives those that fit best, each under its number.
        """
        asked = replace(question, text=query, limit=limit)
        result = await find(replace(asked, limit=SPARE * limit), services)
        shelf.spent_microdollars += result.cost_microdollars
        chosen = await chosen_of(result.hits, asked, services)
        found = [(hit.chunk, hit.collection or question.collection) for hit in chosen.shown]
        return shelf.put(found) if found else _NOTHING

    async def read_document(
        source: Annotated[str, Field(description="Its path, or its id", min_length=1)],
        start: Annotated[int, Field(description="The first passage to read", ge=1)] = 1,
    ) -> str:
        """Reads a document in its order, some passages at a time, each under its number."""
        chunks, collection = await _whole(replace(question, document=source), services)
        part = chunks[start - 1 : start - 1 + _AT_ONCE]
        text = shelf.put((chunk, collection) for chunk in part)
        left = len(chunks) - (start - 1 + len(part))
        return f"{text}\n{left} passages follow, from {start + len(part)} on." if left > 0 else text

    return Tools([search, read_document])


async def _whole(question: Question, services: AnswerServices) -> tuple[Sequence[Chunk], str]:
    """With the collection that it stands in: the first that has it."""
    *others, last = question.collections
    for name in others:
        with suppress(NotFound):
            return await read_whole(replace(question, collection=name), services), name
    return await read_whole(replace(question, collection=last), services), last
