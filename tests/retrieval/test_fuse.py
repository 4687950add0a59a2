"""Fusing ranked lists."""

import pytest

from domain.hits import Adaptive, Convex, Dbsf, Found, Fusion, Leg, Rrf
from retrieval.fuse import Fused
from retrieval.fuse import fuse as fuse_to_depth

DENSE = [("a", 0.9), ("b", 0.8), ("c", 0.1)]
BM25 = [("c", 12.0), ("a", 8.0), ("d", 1.0)]
Legs = dict[Leg, list[tuple[str, float]]]
BOTH: Legs = {"dense": DENSE, "bm25": BM25}
FUSIONS = pytest.mark.parametrize(
    "fusion", [Adaptive(), Convex(), Dbsf(), Rrf()], ids=["adaptive", "convex", "dbsf", "rrf"]
)


def fuse(legs: Legs, fusion: Fusion, limit: int, depth: int = 2) -> list[Fused[str]]:
    return fuse_to_depth(legs, fusion, limit, depth=depth)


def order(legs: Legs, fusion: Fusion, limit: int = 10) -> str:
    return "".join(hit.id for hit in fuse(legs, fusion, limit))


def test_rrf_adds_weighted_reciprocal_ranks() -> None:
    scores = {hit.id: hit.score for hit in fuse(BOTH, Rrf(k=10, dense_weight=0.25), 10)}
    assert scores["a"] == pytest.approx(0.25 / 11 + 0.75 / 12)
    assert scores["d"] == pytest.approx(0.75 / 13)


def test_rrf_looks_at_ranks_alone() -> None:
    stretched: Legs = {"dense": [(id_, score * 1000) for id_, score in DENSE], "bm25": BM25}
    assert fuse(stretched, Rrf(), 1)[0].score == fuse(BOTH, Rrf(), 1)[0].score


def test_convex_adds_weighted_standard_scores() -> None:
    legs: Legs = {"dense": [("a", 3.0), ("b", 1.0)], "bm25": [("b", 20.0), ("a", 10.0)]}
    scores = {hit.id: hit.score for hit in fuse(legs, Convex(0.7), 2)}
    assert scores == pytest.approx({"a": 0.7 - 0.3, "b": -0.7 + 0.3})


def test_convex_does_not_care_about_the_scale_of_a_leg() -> None:
    scaled: Legs = {"dense": DENSE, "bm25": [(id_, 5 * score + 3) for id_, score in BM25]}
    assert order(scaled, Convex()) == order(BOTH, Convex())


def test_a_hit_that_a_leg_missed_gets_its_lowest_score() -> None:
    legs: Legs = {"dense": [("a", 2.0), ("b", 1.0)], "bm25": [("c", 2.0), ("b", 1.0)]}
    scores = {hit.id: hit.score for hit in fuse(legs, Convex(0.5), 3)}
    assert scores["a"] == scores["c"] > scores["b"]


def test_what_bm25_missed_with_room_left_holds_no_word_of_the_question() -> None:
    legs: Legs = {"dense": [("a", 0.8), ("b", 0.7)], "bm25": [("b", 7.0), ("c", 6.9)]}
    apart = {d: {h.id: h.score for h in fuse(legs, Convex(0.5), 3, depth=d)} for d in (2, 3)}
    assert apart[3]["c"] - apart[3]["a"] > apart[2]["c"] - apart[2]["a"]


def test_a_leg_with_one_hit_still_speaks_for_it() -> None:
    legs: Legs = {"dense": [("a", 0.80), ("b", 0.79), ("c", 0.1)], "bm25": [("b", 7.0)]}
    assert order(legs, Convex()) == "bac"


def test_dbsf_measures_a_score_in_deviations_from_its_legs_mean() -> None:
    legs: Legs = {"dense": [("a", 3.0), ("b", 1.0)], "bm25": [("b", 5.0)]}
    scores = {hit.id: hit.score for hit in fuse(legs, Dbsf(), 10)}
    assert scores == pytest.approx({"a": 0.5 * (0.5 + 1 / 6), "b": 0.5 * (0.5 - 1 / 6) + 0.25})


def bm25(*scores: float) -> list[tuple[str, float]]:
    return [(f"w{n:02}", score) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("words", "first"),
    [(bm25(9.0, *[1.0] * 11), "w00"), (bm25(9.0, *[8.0] * 11), "d")],
    ids=["words point to one passage", "words point nowhere"],
)
def test_adaptive_trusts_words_that_point_to_few_passages(
    words: list[tuple[str, float]], first: str
) -> None:
    dense = [("d", 0.9), *((id_, 0.5) for id_, _ in words[1:])]
    assert (
        order({"dense": dense, "bm25": words}, Adaptive(sharp=0.3, flat=0.9))[: len(first)] == first
    )


def test_adaptive_trusts_words_where_the_embedder_does_not_know_the_language() -> None:
    legs: Legs = {"dense": [("d", 0.9), ("w", 0.1)], "bm25": [("w", 9.0), ("d", 1.0)]}
    best = fuse_to_depth(legs, Adaptive(), 1, depth=2, foreign=True)
    assert best[0].id == "w"


@FUSIONS
def test_an_empty_leg_leaves_the_order_of_the_other(fusion: Fusion) -> None:
    assert order({"dense": DENSE, "bm25": []}, fusion) == "abc"


@FUSIONS
def test_nothing_found_is_nothing(fusion: Fusion) -> None:
    assert fuse({"dense": [], "bm25": []}, fusion, 10) == []


@FUSIONS
def test_ties_are_broken_by_id(fusion: Fusion) -> None:
    legs: Legs = {"dense": [("b", 1.0), ("a", 1.0)], "bm25": [("a", 1.0), ("b", 1.0)]}
    assert order(legs, fusion) == "ab"


@FUSIONS
def test_a_single_leg_keeps_its_own_scores(fusion: Fusion) -> None:
    assert [(hit.id, hit.score) for hit in fuse({"bm25": BM25}, fusion, 2)] == BM25[:2]


def test_each_hit_says_which_leg_found_it_where() -> None:
    found = {hit.id: hit.found_by for hit in fuse(BOTH, Convex(), 10)}
    assert found["a"] == {"dense": Found(1, 0.9), "bm25": Found(2, 8.0)}
    assert found["d"] == {"bm25": Found(3, 1.0)}


@pytest.mark.parametrize("weight", [0.0, 1.0], ids=["bm25 only", "dense only"])
def test_an_extreme_weight_follows_one_leg(weight: float) -> None:
    first = "a" if weight else "c"
    assert order(BOTH, Convex(weight)).startswith(first)


def test_what_is_not_the_dense_legs_weight_the_others_share_alike() -> None:
    legs: Legs = {"dense": [("a", 1.0)], "bm25": [("b", 1.0)], "sparse": [("c", 1.0)]}
    scores = {hit.id: hit.score for hit in fuse(legs, Rrf(k=0, dense_weight=0.5), 3)}
    assert scores == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.25})


def test_what_a_sparse_leg_missed_with_room_left_shares_no_token() -> None:
    legs: Legs = {"dense": [("a", 0.8), ("b", 0.7)], "sparse": [("b", 7.0), ("c", 6.9)]}
    apart = {d: {h.id: h.score for h in fuse(legs, Convex(0.5), 3, depth=d)} for d in (2, 3)}
    assert apart[3]["c"] - apart[3]["a"] > apart[2]["c"] - apart[2]["a"]
