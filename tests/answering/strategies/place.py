"""What the tests of strategies ask, and of whom."""

from dataclasses import dataclass, replace

from answering.ask import ask
from answering.question import AnswerServices, Question
from domain.answers import Answer
from domain.documents import Chunk, EmbeddedChunk
from domain.ids import chunk_id, document_id
from domain.records import Turn
from tests.contracts.chunk_store import EAST, NAME, NORTH, TENANT
from tests.provider.server import Provider
from tests.values import a_chunk
from wiring.state.database import State

AT = "2026-01-01T00:00:00+00:00"
QUESTION = Question("Where does the road lead?", TENANT, NAME)


@dataclass(slots=True)
class Place:
    services: AnswerServices
    provider: Provider
    state: State

    async def hold(self, source: str, *texts: str, version: str = "v") -> list[Chunk]:
        """A document of these passages; those that say north lie there."""
        id_ = document_id(TENANT, NAME, source)
        chunks, start = [], 0
        for position, text in enumerate(texts):
            chunks.append(
                a_chunk(
                    id=chunk_id(id_, version, position),
                    document_id=id_,
                    version=version,
                    position=position,
                    source=source,
                    title=source,
                    text=text,
                    start=start,
                    end=start + len(text),
                    tokens=self.services.tokens.count(text),
                )
            )
            start += len(text)
        embedded = [EmbeddedChunk(c, NORTH if "north" in c.text else EAST) for c in chunks]
        await self.services.store.replace(TENANT, NAME, {id_: embedded})
        return chunks

    async def ask(self, text: str = QUESTION.text, **parts: object) -> Answer:
        question = replace(QUESTION, text=text, **parts)  # type: ignore[arg-type]
        return await ask(question, self.services)

    async def said(self, number: int, session: str = "s") -> list[Turn]:
        """So many questions of a conversation, with their answers."""
        turns = [Turn(f"Question {n}?", f"Answer {n}.", AT) for n in range(number)]
        for turn in turns:
            await self.state.sessions.append(TENANT, session, turn)
        return turns

    def sent(self, number: int = -1) -> list[str]:
        """The texts of a request, in their order."""
        inputs = self.provider.received[number].body["input"]
        return [part["text"] for item in inputs for part in _parts(item["content"])]


def _parts(content: object) -> list[dict[str, str]]:
    return content if isinstance(content, list) else [{"text": str(content)}]
