"""Ingestion with a learned sparse model beside the embedder."""

from collections.abc import Sequence

import pytest

from domain.errors import ModelUnreachable, VectorSpaceMismatch
from domain.vectors import SparseVector
from tests.ingest.place import Place, counts


class Lengths:
    """Weighs one token, by the length of the text. It remembers what it was sent."""

    def __init__(self, name: str = "lengths") -> None:
        self.name = name
        self.sent: list[str] = []
        self.fails: list[Exception] = []  # of the next calls

    async def encode_documents(self, texts: Sequence[str]) -> Sequence[SparseVector]:
        if self.fails:
            raise self.fails.pop(0)
        self.sent += texts
        return [await self.encode_query(text) for text in texts]

    async def encode_query(self, text: str) -> SparseVector:
        return {1: float(len(text))}


@pytest.fixture
def lengths(place: Place) -> Lengths:
    place.sparse = Lengths()
    return place.sparse


async def test_every_chunk_gets_its_weights(place: Place, lengths: Lengths) -> None:
    await place.ingest()
    for name in ("a.md", "b.md"):
        item = place.chunks(name)[0]
        assert item.sparse == await lengths.encode_query(item.chunk.embedded_text)
    assert place.store.spaces["c"].sparse == "lengths"


async def test_vectors_stay_those_of_the_embedder_alone(place: Place, lengths: Lengths) -> None:
    await place.ingest()
    place.sparse = None
    place.embedder.sent.clear()
    place.store = type(place.store)()
    await place.ingest()
    assert place.embedder.sent == []
    assert place.chunks("a.md")[0].sparse is None


async def test_what_is_unchanged_is_not_weighed_again(place: Place, lengths: Lengths) -> None:
    await place.ingest()
    lengths.sent.clear()
    assert counts(await place.ingest()) == (0, 0, 2, 0)
    assert lengths.sent == []


async def test_another_sparse_model_is_a_rebuild(place: Place, lengths: Lengths) -> None:
    await place.ingest()
    place.sparse = Lengths("longer")
    with pytest.raises(VectorSpaceMismatch):
        await place.ingest()
    assert counts(await place.ingest(rebuild=True)) == (0, 2, 0, 0)
    assert place.store.spaces["c"].sparse == "longer"


async def test_a_rebuild_weighs_what_it_carries_over(place: Place, lengths: Lengths) -> None:
    await place.ingest(tenant="other")
    await place.ingest()
    place.sparse = Lengths("longer")
    await place.ingest(rebuild=True)
    assert place.chunks("a.md", "other")[0].sparse


async def test_a_model_that_is_away_is_waited_for(place: Place, lengths: Lengths) -> None:
    lengths.fails.append(ModelUnreachable("away", transient=True))
    assert counts(await place.ingest()) == (2, 0, 0, 0)
