"""What a call of a hosted reranker used, and what that costs."""

import pytest

from gateway.pricing import Prices
from gateway.rerank.dialects import Used, used
from gateway.rerank.hosted import cost_of


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
