"""Two points have one digest exactly when they are the same."""

from dataclasses import replace

import numpy as np
import pytest

from retrieval.stored import StoredPoint

POINT = StoredPoint(
    "6a789c12-a75d-50c0-aef9-b04f54bfa577",
    {"text": "words", "meta": {"year": 2024, "tags": ["a", "b"]}, "page": None},
    np.array([0.6, 0.8], dtype=np.float32),
    {"bm25": {7: 1.5, 3: 0.1}, "sparse": {}},
)


@pytest.mark.parametrize(
    "same",
    [
        pytest.param(
            replace(
                POINT,
                payload={
                    "page": None,
                    "meta": {"tags": ["a", "b"], "year": 2024},
                    "text": "words",
                },
            ),
            id="fields-in-another-order",
        ),
        pytest.param(
            replace(POINT, sparse={"bm25": {3: 0.1, 7: 1.5}}), id="words-in-another-order"
        ),
        pytest.param(
            replace(POINT, sparse={"bm25": {7: 1.5, 3: float(np.float32(0.1))}}),
            id="weights-of-single-precision",
        ),
    ],
)
def test_what_a_store_may_change_does_not_count(same: StoredPoint) -> None:
    assert same.digest() == POINT.digest()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(POINT, id="0a789c12-a75d-50c0-aef9-b04f54bfa577"), id="id"),
        pytest.param(replace(POINT, payload={**POINT.payload, "page": 3}), id="payload"),
        pytest.param(replace(POINT, dense=np.array([0.8, 0.6], dtype=np.float32)), id="dense"),
        pytest.param(replace(POINT, sparse={"bm25": {7: 1.5, 3: 0.2}}), id="a-weight"),
        pytest.param(replace(POINT, sparse={"bm25": {7: 1.5, 4: 0.1}}), id="a-word"),
        pytest.param(replace(POINT, sparse={"sparse": POINT.sparse["bm25"]}), id="a-leg"),
    ],
)
def test_any_other_difference_does(other: StoredPoint) -> None:
    assert other.as_in(POINT).digest() != POINT.digest()


def test_rounding_is_no_difference() -> None:
    rounded = replace(POINT, dense=np.nextafter(POINT.dense, np.float32(1)))
    assert rounded.digest() != POINT.digest()
    assert rounded.as_in(POINT).digest() == POINT.digest()
