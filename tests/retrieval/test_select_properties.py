"""Whatever is selected fits the budget as the model reads it, and is its document's own text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import Chunk, Document
from domain.hits import Hit
from domain.prompt import Evidence
from ingest.chunk import ChunkConfig, chunk
from prompts.compose import compose
from prompts.passages import length
from retrieval.expand import place
from retrieval.select import SelectConfig, Selection, select
from tests.ingest.test_chunk_properties import any_documents, configs
from tests.provider.tokens import counter
from tests.retrieval.select_texts import Reader, hit

BEFORE, BEHIND = "<passages>\n", "\n</passages>\n\nQuestion: q"


@dataclass(frozen=True)
class Case:
    document: Document
    chunks: Sequence[Chunk]
    hits: Sequence[Hit]
    config: SelectConfig

    async def select(self) -> Selection:
        read, measure = Reader(self.chunks), partial(length, tokens=counter())
        return await select(
            self.hits, config=self.config, read=read, measure=measure, tokens=counter()
        )


def written(chunks: Sequence[Chunk]) -> str:
    """What stands between the fence's marks."""
    (tail,) = compose("q", [Evidence(n, one) for n, one in enumerate(chunks, 1)]).tail
    return tail.text.removeprefix(BEFORE).removesuffix(BEHIND)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    document: Document = draw(any_documents)
    sizes: ChunkConfig = draw(configs())
    chunks = chunk(document, sizes, counter())
    found = draw(st.permutations(chunks))[: draw(st.integers(0, len(chunks)))]
    config = SelectConfig(
        budget=draw(st.none() | st.integers(1, 1500)),
        limit=draw(st.none() | st.integers(1, 5)),
        per_document=draw(st.none() | st.integers(1, 3)),
        duplicates=draw(st.sampled_from([None, 0.9, 1.0])),
        mmr=draw(st.sampled_from([None, 0.5])),
        neighbours=draw(st.integers(0, 3)),
        parent=draw(st.booleans()),
        across=draw(st.booleans()),
        order=draw(st.sampled_from(["best", "ends", "document"])),
    )
    return Case(document, chunks, [hit(one) for one in found], config)


selections = settings(max_examples=60, deadline=None)


@selections
@given(cases())
async def test_what_is_shown_keeps_within_the_budget(case: Case) -> None:
    shown = (await case.select()).shown
    if case.config.budget is not None:
        assert counter().count(written([one.chunk for one in shown])) <= case.config.budget


@selections
@given(cases())
def test_passages_measured_one_by_one_are_as_long_as_all_at_once(case: Case) -> None:
    chunks = [one.chunk for one in case.hits]
    behind = "\n\n" if chunks else ""
    assert length(chunks, counter()) == counter().count(written(chunks) + behind)


@selections
@given(cases())
async def test_a_passage_is_a_piece_of_its_document(case: Case) -> None:
    for one in (await case.select()).shown:
        assert one.chunk.text == case.document.text[one.chunk.start : one.chunk.end]
        assert one.chunk.tokens == counter().count(one.chunk.text)


@selections
@given(cases())
async def test_no_text_is_shown_twice(case: Case) -> None:
    if case.config.across:  # else chunks of two sections may overlap
        shown = sorted((await case.select()).shown, key=lambda one: one.chunk.start)
        assert all(one.chunk.end <= other.chunk.start for one, other in pairwise(shown))


@selections
@given(cases())
async def test_no_hit_gets_lost(case: Case) -> None:
    found = await case.select()
    places = [place(h.chunk) for h in (*found.shown, *(one.hit for one in found.dropped))]
    assert sorted(places) == sorted(place(h.chunk) for h in case.hits)


@selections
@given(cases())
async def test_a_passage_knows_what_of_its_document_it_holds(case: Case) -> None:
    for one in (await case.select()).shown:
        parts = [c for c in case.chunks if one.chunk.start <= c.start and c.end <= one.chunk.end]
        assert one.expanded == len(parts) - 1
        assert one.chunk.page == parts[0].page
        assert set(one.chunk.links) == {link for part in parts for link in part.links}
        assert all(part.headings[: len(one.chunk.headings)] == one.chunk.headings for part in parts)


@selections
@given(cases())
async def test_sections_stay_apart_unless_asked(case: Case) -> None:
    if not case.config.across:
        for one in (await case.select()).shown:
            within = [c for c in case.chunks if one.chunk.start <= c.start < one.chunk.end]
            assert {c.headings for c in within} == {one.chunk.headings}


@selections
@given(cases())
async def test_so_many_passages_and_no_more(case: Case) -> None:
    shown = (await case.select()).shown
    assert len(shown) <= min(case.config.limit or 99, case.config.per_document or 99)


@selections
@given(cases())
async def test_the_same_hits_give_the_same_selection(case: Case) -> None:
    assert await case.select() == await case.select()
