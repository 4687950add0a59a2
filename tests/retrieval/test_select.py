"""From ranked hits to what is shown; what is dropped has its reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.documents import Chunk
from domain.errors import InvalidInput
from domain.hits import Hit
from retrieval.select import SelectConfig, Selection, select
from tests.ingest.tokens import Words
from tests.retrieval.select_texts import Reader, hit, row

LONG = "The keeper of the gate rings the bell when the level of the water drops below the mark."


def written(chunks: Sequence[Chunk]) -> str:
    return "\n\n".join(f"[{n}] {chunk.where}\n{chunk.text}" for n, chunk in enumerate(chunks, 1))


def measured(chunks: Sequence[Chunk]) -> int:
    return Words().count(written(chunks))


async def selected(hits: Sequence[Hit], document: Sequence[Chunk] = (), **parts: Any) -> Selection:
    return await select(
        hits, config=SelectConfig(**parts), read=Reader(document), measure=measured, tokens=Words()
    )


def shown(selection: Selection) -> list[str]:
    return [hit.chunk.text for hit in selection.shown]


def reasons(selection: Selection) -> list[str]:
    return [dropped.reason for dropped in selection.dropped]


def alone(*texts: str) -> list[Hit]:
    """Each in a document of its own, which is called like its first word."""
    return [hit(row([text], document=text.split()[0])[0]) for text in texts]


async def test_rank_order_is_kept() -> None:
    assert shown(await selected(alone("c", "a", "b"))) == ["c", "a", "b"]


async def test_no_hits_are_none_shown() -> None:
    assert await selected([]) == Selection((), ())


async def test_the_same_text_is_shown_once() -> None:
    one, other = (hit(replace(row([LONG], document=d)[0], title=d)) for d in "ab")
    found = await selected([one, other])
    assert found.shown == (one,)
    assert reasons(found) == ["the same as 1"]


async def test_the_same_chunk_is_shown_once_even_where_texts_may_repeat() -> None:
    (only,) = alone("a")
    assert (await selected([only, only], duplicates=None)).shown == (only,)


async def test_short_answers_under_different_headings_are_both_shown() -> None:
    paths = [("Is it free?",), ("Is it fast?",)]
    assert len(shown(await selected([*map(hit, row(["Yes.", "Yes."], headings=paths))]))) == 2


async def test_nearly_the_same_text_is_dropped_when_asked() -> None:
    text = f"{LONG} He has done so for years, {LONG.lower()}"
    found = await selected(alone(f"First {text}", f"Second {text}"), duplicates=0.8)
    assert reasons(found) == ["nearly the same as 1"]


async def test_repeats_are_shown_when_they_may_be() -> None:
    assert len(shown(await selected(alone(f"a {LONG}", f"b {LONG}"), duplicates=None))) == 2


async def test_so_many_passages_of_one_document() -> None:
    chunks = row(["One.", "Two.", "Three.", "Four.", "Five."])
    found = await selected([hit(chunks[at]) for at in (0, 2, 4)], per_document=2)
    assert shown(found) == ["One.", "Three."]
    assert reasons(found) == ["a further passage of d.md; at most 2 are shown"]


async def test_what_touches_a_shown_passage_is_no_further_one() -> None:
    chunks = row(["One.", "Two.", "Three."])
    assert shown(await selected([hit(chunks[at]) for at in (0, 2, 1)], per_document=1)) == [
        "One. Two."
    ]


async def test_so_many_hits_in_all() -> None:
    found = await selected(alone("a", "b", "c"), limit=2)
    assert (shown(found), reasons(found)) == (
        ["a", "b"],
        ["a further hit; 2 are shown"],
    )


async def test_the_next_one_takes_the_place_of_a_repeated_one() -> None:
    one, same = (hit(row([LONG], document=d)[0]) for d in "aa")
    assert shown(await selected([one, same, *alone("b")], limit=2)) == [LONG, "b"]


async def test_hits_that_touch_are_one_passage() -> None:
    one, two, three = map(hit, row(["One.", "Two.", "Three."]))
    found = await selected([two, *alone("other"), three, one])
    assert shown(found) == ["One. Two. Three.", "other"]
    assert [(d.hit, d.reason) for d in found.dropped] == [
        (three, "joined to 1"),
        (one, "joined to 1"),
    ]


async def test_a_passage_that_does_not_fit_says_what_was_left() -> None:
    found = await selected(alone("a", LONG), budget=20)
    assert shown(found) == ["a"]
    assert reasons(found) == ["needs 24 tokens, 14 of 20 are left"]


async def test_a_smaller_passage_may_follow_one_that_does_not_fit() -> None:
    assert shown(await selected(alone(LONG, "b"), budget=20)) == ["b"]


async def test_without_a_budget_all_are_shown() -> None:
    assert (
        len(shown(await selected(alone(*(f"{n} {LONG}{n}" for n in range(9))), budget=None))) == 9
    )


async def test_a_count_of_ingestion_that_was_too_low_is_found_out() -> None:
    hits = [replace(h, chunk=replace(h.chunk, tokens=1)) for h in alone(f"a {LONG}", "b")]
    found = await selected(hits, budget=16)
    assert Words().count(written([h.chunk for h in found.shown])) <= 16


async def test_neighbours_take_only_what_the_hits_leave() -> None:
    chunks = row(["One.", "Two.", "Three."])
    found = await selected([hit(chunks[1]), *alone("other")], chunks, neighbours=1, budget=18)
    assert shown(found) == ["Two. Three.", "other"]


async def test_neighbours_join_two_hits_that_nearly_touch() -> None:
    chunks = row(["One.", "Two.", "Three.", "Four."])
    found = await selected([hit(chunks[0]), hit(chunks[3])], chunks, neighbours=1)
    assert shown(found) == ["One. Two. Three. Four."]
    assert reasons(found) == ["joined to 1"]


async def test_a_dropped_hit_that_comes_back_as_a_neighbour_was_joined() -> None:
    chunks = row(["One.", "Two.", "Three."])
    hits = [hit(chunks[0]), hit(chunks[2])]
    found = await selected(hits, chunks, neighbours=2, per_document=1)
    assert shown(found) == ["One. Two. Three."]
    assert reasons(found) == ["joined to 1"]


async def test_the_whole_section_is_shown_where_it_fits() -> None:
    chunks = row(["One.", "Two.", "Three."], headings=[("A",), ("A",), ("B",)])
    assert shown(await selected([hit(chunks[1])], chunks, parent=True)) == ["One. Two."]


async def test_neighbours_are_shown_where_the_section_does_not_fit() -> None:
    chunks = row(["One.", "Two.", "Three.", LONG])
    found = await selected([hit(chunks[0])], chunks, parent=True, neighbours=1, budget=20)
    assert shown(found) == ["One. Two."]


async def test_two_hits_of_one_section_share_it() -> None:
    chunks = row(["One.", "Two.", "Three.", "Four."])
    found = await selected([hit(chunks[0]), hit(chunks[2])], chunks, parent=True, budget=25)
    assert shown(found) == ["One. Two. Three. Four."]


async def test_the_best_stand_at_both_ends() -> None:
    assert shown(await selected(alone(*"12345"), order="ends")) == [*"13542"]


async def test_documents_are_read_from_their_beginning() -> None:
    one, other = row(["One.", "Two.", "Three."], document="a"), alone("b")
    found = await selected([hit(one[2]), *other, hit(one[0])], order="document")
    assert shown(found) == ["One.", "Three.", "b"]


async def test_reasons_name_passages_by_the_number_that_is_shown() -> None:
    one, two, *_ = row(["One.", "Two."], document="a")
    found = await selected([*alone("x", "y"), hit(one), hit(two)], order="ends")
    assert shown(found) == ["x", "One. Two.", "y"]
    assert reasons(found) == ["joined to 2"]


async def test_different_passages_go_first_when_asked() -> None:
    found = await selected(alone(LONG, f"Again {LONG}", "turbine"), mmr=0.5, duplicates=None)
    assert shown(found) == [LONG, "turbine", f"Again {LONG}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("budget", 0), ("limit", 0), ("per_document", 0), ("neighbours", -1), ("mmr", 1.1)],
)
def test_a_senseless_value_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=name):
        SelectConfig(**{name: value})  # type: ignore[arg-type]  # one of them at a time
