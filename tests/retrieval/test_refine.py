"""Candidates ordered anew by what they say together."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from domain.hits import Found, Hit
from retrieval.configs import Refinement
from retrieval.refine import refine
from tests.values import a_hit

AXES = list(np.eye(8, dtype=np.float32))


def passage(score: float, title: str = "", text: str = "Some words.", document: str = "") -> Hit:
    document = document or title or f"{score}"
    return a_hit(score, id=document, document_id=document, title=title, text=text, source="a.md")


def order(
    hits: Sequence[Hit],
    vectors: Sequence[np.ndarray] = AXES,
    *,
    alike: float = 0.0,
    named: float = 0.0,
    asked: float = 0.0,
) -> list[str]:
    signs = Refinement(alike=alike, named=named, asked=asked)
    ranked = refine("Where does Ada Hill live?", hits, vectors[: len(hits)], signs)
    return [hit.chunk.document_id for hit in ranked]


def test_without_a_sign_the_order_stays() -> None:
    assert order([passage(3), passage(2), passage(1)]) == ["3", "2", "1"]


def test_a_passage_like_the_best_rises() -> None:
    hits = [passage(3), passage(2.9), passage(1), passage(0.9), passage(0.5)]
    vectors = [AXES[0], AXES[0], AXES[1], AXES[0], AXES[2]]
    assert order(hits, vectors, alike=0.5)[2] == "0.9"


def test_a_passage_does_not_fall_because_one_at_the_end_is_faintly_like_it() -> None:
    hits = [passage(score) for score in (3, 2.8, 2, 1.9, 1, 0.9, 0.5)]
    faintly = np.sqrt(0.1) * AXES[0] + np.sqrt(0.9) * AXES[1]
    pairs = [AXES[2], AXES[3], AXES[2], AXES[4], AXES[3]]
    assert order(hits, [AXES[0], *pairs, faintly], alike=0.2)[0] == "3"


def test_a_passage_that_one_of_the_best_names_rises() -> None:
    first = passage(3, text="Ada Hill lives in Port Isaac (Cornwall).")
    assert order([first, passage(2), passage(1.5, "Port Isaac")], named=1.0)[1] == "Port Isaac"


def test_what_stands_in_brackets_is_no_part_of_a_title() -> None:
    hits = [
        passage(3, text="She lives in Port Isaac."),
        passage(2),
        passage(1.5, "Port Isaac (UK)"),
    ]
    assert order(hits, named=1.0)[1] == "Port Isaac (UK)"


def test_a_title_is_named_by_whole_words() -> None:
    hits = [passage(3, text="Reports are due."), passage(2), passage(1.5, "Port")]
    assert order(hits, named=1.0)[-1] == "Port"


def test_a_common_word_does_not_name_the_document_that_bears_it() -> None:
    hits = [passage(3, text="The port is closed."), passage(2), passage(1.5, "Port")]
    assert order(hits, named=1.0)[-1] == "Port"


def test_a_question_names_a_title_in_any_case() -> None:
    ranked = refine(
        "ada hill", [passage(3), passage(2.8, "Ada Hill")], AXES[:2], Refinement(alike=0.0)
    )
    assert ranked[0].chunk.title == "Ada Hill"


def test_a_passage_is_not_named_by_its_own_document() -> None:
    hits = [
        passage(3, "Port Isaac", "Port Isaac is a village.", "one"),
        passage(2),
        passage(1.5, "Port Isaac", document="one"),
    ]
    assert order(hits, named=1.0)[-1] == "one"


def test_the_title_that_the_question_names_rises() -> None:
    assert order([passage(3), passage(2.8, "Ada Hill")], asked=0.5) == ["Ada Hill", "3"]


@pytest.mark.parametrize("title", ["a", "to", ""])
def test_a_very_short_title_says_nothing(title: str) -> None:
    hits = [passage(3, text="A way to a door."), passage(2), passage(1, title, document="short")]
    assert order(hits, named=1.0, asked=1.0)[-1] == "short"


def test_the_name_of_a_file_is_no_title() -> None:
    hits = [passage(3, text="See a for more."), passage(2), passage(1, "a", document="file")]
    assert order(hits, named=1.0)[-1] == "file"


def test_those_behind_the_first_stay_behind_with_lower_scores() -> None:
    hits = [passage(3), passage(2), passage(1), passage(0.5)]
    ranked = refine("", hits, AXES[:4], Refinement(among=2, alike=3.0))
    assert [hit.chunk.document_id for hit in ranked[2:]] == ["1", "0.5"]
    assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)


def test_each_hit_says_what_it_gained_and_where_it_stood() -> None:
    hits = [passage(3), passage(2.8, "Ada Hill")]
    best = refine("Ada Hill", hits, AXES[:2], Refinement(alike=0.0))[0]
    assert best.fused == Found(2, 2.8)
    assert best.signals == {"asked": 0.5}


@pytest.mark.parametrize("count", [0, 1])
def test_few_hits_are_no_trouble(count: int) -> None:
    assert len(refine("What?", [passage(1)] * count, AXES[:count], Refinement())) == count


def test_what_else_a_hit_says_stays() -> None:
    hits = [replace(passage(3), collection="handbook"), replace(passage(2), collection="guide")]
    ranked = refine("", hits, AXES[:2], Refinement(among=1))
    assert [replace(hit, score=0, fused=None, signals={}) for hit in ranked] == [
        replace(hit, score=0) for hit in hits
    ]
