"""Chunks that were found lately."""

from collections.abc import Iterable

from retrieval.recent import Known, Recent
from tests.contracts.chunk_store import EAST
from tests.values import a_chunk

SIZE = Known(a_chunk(), EAST).size


def known(ids: Iterable[int]) -> dict[int, Known]:
    return {id_: Known(a_chunk(id=f"{id_}"), EAST) for id_ in ids}


def filled(most: int, ids: Iterable[int]) -> Recent:
    recent = Recent(most)
    for id_ in ids:
        recent.add(known([id_]))
    return recent


def test_what_was_added_is_found() -> None:
    assert set(filled(100 * SIZE, range(3)).find([2, 1, 7])) == {1, 2}


def test_what_was_dropped_is_not_found() -> None:
    recent = filled(100 * SIZE, range(3))
    recent.drop([1, 7])
    assert set(recent.find(range(3))) == {0, 2}


def test_it_keeps_no_more_bytes_than_it_may() -> None:
    kept = filled(10 * SIZE, range(1000)).find(range(1000))
    assert 4 <= len(kept) <= 12


def test_the_last_ones_stay() -> None:
    assert set(filled(10 * SIZE, range(1000)).find(range(1000))) >= set(range(996, 1000))


def test_what_is_found_again_and_again_stays() -> None:
    recent = filled(10 * SIZE, [0])
    for id_ in range(1, 1000):
        assert 0 in recent.find([0])
        recent.add(known([id_]))


def test_finding_in_a_full_one_loses_nothing_that_was_asked_for() -> None:
    recent = filled(6 * SIZE, range(6))
    there = set(recent.find(range(6)))
    assert set(recent.find(there)) == there
