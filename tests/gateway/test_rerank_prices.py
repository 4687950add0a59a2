"""What a call of a hosted reranker used, as it says or as it is counted, and what that costs."""

import pytest

from gateway.pricing import Prices
from gateway.rerank.counted import bound, counted
from gateway.rerank.dialects import Used, used
from gateway.rerank.hosted import cost_of
from tests.provider.tokens import counter


@pytest.mark.parametrize(
    ("provider", "model", "charged", "microdollars"),
    [
        ("cohere", "rerank-v3.5", Used(searches=3), 6_000),
        ("cohere", "rerank-v4.0-pro", Used(searches=1, tokens=99), 2_500),
        ("voyage", "rerank-2.5", Used(tokens=1_000_000), 50_000),
        ("voyage", "rerank-2.5-lite", Used(tokens=30), 1),
        ("voyage", "rerank-2.5", Used(), None),
        ("cohere", "rerank-v3.5", Used(tokens=99), None),
    ],
)
def test_a_call_costs_what_the_catalogue_says(
    provider: str, model: str, charged: Used, microdollars: int | None
) -> None:
    assert cost_of(charged, Prices().of(provider, model)) == microdollars


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"meta": {"billed_units": {"search_units": 1}}}, Used(searches=1)),
        ({"meta": {"billed_units": {"search_units": 2.0}}}, Used(searches=2)),
        ({"meta": {"billed_units": {"total_tokens": 9}}}, Used(tokens=9)),
        ({"meta": {"billed_units": {"input_tokens": 9}}}, Used(tokens=9)),
        ({"usage": {"total_tokens": 12}}, Used(tokens=12)),
        ({"usage": {"total_tokens": 0}}, Used(tokens=0)),
        ({"usage": {"total_tokens": "many"}}, Used()),
        ({"usage": {"total_tokens": -1}}, Used()),
        ({"usage": None}, Used()),
        ({}, Used()),
        ([], Used()),
    ],
)
def test_what_was_used_is_read_where_it_is_said(answer: object, expected: Used) -> None:
    assert used(answer) == expected


@pytest.mark.parametrize(
    ("question", "passages", "expected"),
    [
        pytest.param(2, [8, 9], Used(1, 21), id="the question counts with each passage"),
        pytest.param(2, [8] * 100, Used(1, 1_000), id="a hundred passages are one search"),
        pytest.param(2, [8] * 101, Used(2, 1_010), id="one passage more is another search"),
        pytest.param(2, [498] * 100, Used(1, 50_000), id="500 tokens are one passage"),
        pytest.param(2, [499] * 100, Used(2, 50_100), id="longer passages count as several"),
        pytest.param(0, [0], Used(1, 0), id="an empty passage counts as well"),
    ],
)
def test_what_was_used_is_counted_as_vendors_do(
    question: int, passages: list[int], expected: Used
) -> None:
    assert counted("a" * question, ["a" * length for length in passages], len) == expected


@pytest.mark.parametrize(
    "text",
    ["How long are backups kept, and where?", "Wie lange werden Backups aufbewahrt?", "\ud800"],
    ids=["English", "German", "half a pair"],
)
def test_what_is_held_back_before_a_call_suffices(text: str) -> None:
    assert bound(text) >= counter().count(text)
