"""What every chunk store must pass about filters."""

from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.filters import AnyOf, Condition, Equals, Exists, Range
from domain.hits import HybridQuery
from domain.ports import ChunkStore
from tests.contracts.chunk_store import EAST, NAME, TENANT, WithStore, found, passage

ODD: dict[str, Any] = {"lang": "fr", "a.b [c]": "odd"}
PASSAGES = (
    passage(
        "1", source="a.md", document="one", page=1,
        lang="de", year=2020, share=0.25, open=True, tags=("red", "blue"),
    ),
    passage(
        "2", source="b.md", document="two", page=2,
        lang="en", year=2022, share=0.5, open=False, tags=("blue",),
    ),
    passage("3", source="c.md", document="three", **ODD),
)  # fmt: skip

CASES: dict[str, tuple[Condition, str]] = {
    "equals a string": (Equals("lang", "de"), "1"),
    "equals a whole number": (Equals("year", 2022), "2"),
    "equals true": (Equals("open", value=True), "1"),
    "equals false": (Equals("open", value=False), "2"),
    "equals one of a list": (Equals("tags", "red"), "1"),
    "equals a source": (Equals("source", "c.md"), "3"),
    "equals a document": (Equals("document_id", "two"), "2"),
    "equals a page": (Equals("page", 2), "2"),
    "equals nothing": (Equals("lang", "it"), ""),
    "any of strings": (AnyOf("lang", ("de", "fr")), "13"),
    "any of numbers": (AnyOf("year", (2020, 2021)), "1"),
    "any of a list": (AnyOf("tags", ("blue", "green")), "12"),
    "any of sources": (AnyOf("source", ("a.md", "c.md")), "13"),
    "at least": (Range("year", gte=2022), "2"),
    "more than": (Range("year", gt=2020), "2"),
    "at most": (Range("share", lte=0.25), "1"),
    "less than": (Range("share", lt=0.5), "1"),
    "between": (Range("share", gte=0.25, lt=0.6), "12"),
    "a range of pages": (Range("page", gte=1, lt=2), "1"),
    "one point of floats": (Range("share", gte=0.5, lte=0.5), "2"),
    "exists": (Exists("year"), "12"),
    "exists not": (Exists("year", exists=False), "3"),
    "a boolean exists": (Exists("open"), "12"),
    "a list exists not": (Exists("tags", exists=False), "3"),
    "a page exists": (Exists("page"), "12"),
    "a field with an odd name": (Equals("a.b [c]", "odd"), "3"),
    "metadata named like our own field": (Exists("text"), ""),
}


class Filtering(WithStore):
    @pytest.mark.parametrize(("condition", "expected"), CASES.values(), ids=CASES.keys())
    async def test_a_condition_picks_what_it_says(
        self, store: ChunkStore, condition: Condition, expected: str
    ) -> None:
        await store.upsert(TENANT, NAME, PASSAGES)
        kept = [chunk.id async for chunk in store.scroll(TENANT, NAME, (condition,))]
        assert "".join(sorted(kept)) == expected

    @pytest.mark.parametrize(("condition", "expected"), CASES.values(), ids=CASES.keys())
    async def test_a_condition_picks_the_same_in_a_question(
        self, store: ChunkStore, condition: Condition, expected: str
    ) -> None:
        await store.upsert(TENANT, NAME, PASSAGES)
        hits = await store.query(TENANT, NAME, HybridQuery(vector=EAST, where=(condition,)))
        assert "".join(sorted(found(hits))) == expected

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (Equals("since", "2024"), "b"),
            (Equals("since", 2024), "ac"),
            (Range("since", gte=2024), "acd"),
            (AnyOf("since", (2024, 7)), "ac"),
            (AnyOf("since", ("2024", "never")), "be"),
            (Exists("since"), "abcdef"),
        ],
        ids=["a word", "a number", "a range", "any number", "any word", "there"],
    )
    async def test_words_and_numbers_in_one_field_are_both_found(
        self, store: ChunkStore, condition: Condition, expected: str
    ) -> None:
        values: tuple[Any, ...] = (2024, "2024", 2024.0, 2024.5, ("never", "again"), True)
        named = zip("abcdef", values, strict=True)
        await store.upsert(TENANT, NAME, [passage(name, since=value) for name, value in named])
        hits = await store.query(TENANT, NAME, HybridQuery(vector=EAST, where=(condition,)))
        assert "".join(sorted(found(hits))) == expected

    async def test_a_number_that_no_float_holds_is_found(self, store: ChunkStore) -> None:
        serials = {"1": 2**60, "2": 2**60 + 1}
        await store.upsert(TENANT, NAME, [passage(id_, serial=n) for id_, n in serials.items()])
        assert await store.count(TENANT, NAME, (Equals("serial", 2**60 + 1),)) == 1

    async def test_all_conditions_must_hold(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, PASSAGES)
        where = (Exists("year"), AnyOf("tags", ("blue",)), Range("year", lt=2021))
        assert await store.count(TENANT, NAME, where) == 1

    @pytest.mark.parametrize("field", ["", 'a"b', "a\\b"], ids=["empty", "quote", "backslash"])
    async def test_a_field_that_is_no_name_is_refused(self, store: ChunkStore, field: str) -> None:
        with pytest.raises(InvalidInput, match="cannot be filtered by"):
            await store.count(TENANT, NAME, (Equals(field, "x"),))
