"""A filter decided over a chunk: the cases that the stores are held to."""

import pytest

from domain.filters import Condition, Equals
from retrieval.matching import holds
from tests.contracts.chunk_store_filters import CASES, PASSAGES
from tests.values import a_chunk


@pytest.mark.parametrize(("condition", "expected"), CASES.values(), ids=CASES.keys())
def test_a_condition_picks_what_the_stores_pick(condition: Condition, expected: str) -> None:
    kept = [item.chunk.id for item in PASSAGES if holds((condition,), item.chunk)]
    assert "".join(kept) == expected


@pytest.mark.parametrize(("value", "fits"), [(1, True), (True, False), ("1", False), (1.0, False)])
def test_a_value_of_another_kind_is_not_equal(value: str | float, fits: bool) -> None:
    assert holds((Equals("n", 1),), a_chunk(metadata={"n": value})) is fits


def test_all_conditions_must_hold() -> None:
    chunk = a_chunk(metadata={"a": 1, "b": 2})
    assert holds((), chunk)
    assert not holds((Equals("a", 1), Equals("b", 1)), chunk)
