"""What prompt caches do is a metric, and a warning when it is less than it was."""

import logging
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from domain.completion import CacheOutcome, Usage
from domain.records import LedgerRow
from tests.contracts.state_ledger import a_row
from wiring.telemetry_cache import CacheMetrics

OUTCOME = CacheOutcome(3_100, 1_000, "hit", "", 2_000_000, -1_000_000)
LABELS = 'model="gpt-5.4-mini",prompt="answer/v1"'


def a_call(cached: int) -> LedgerRow:
    return replace(a_row(), usage=Usage(input=4_000, cached=cached), cache=OUTCOME)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def shown(registry: CollectorRegistry) -> str:
    return generate_latest(registry).decode()


def test_tokens_and_money_are_counted(registry: CollectorRegistry) -> None:
    CacheMetrics(registry).booked(a_call(950))
    said = shown(registry)
    assert f'forebay_cache_tokens_total{{kind="read",{LABELS}}} 950.0' in said
    assert f'forebay_cache_calls_total{{{LABELS},why="hit"}} 1.0' in said
    assert 'forebay_cache_saved_dollars{beside="naive",model="gpt-5.4-mini"} -1.0' in said


def test_a_call_of_which_nothing_is_known_counts_nowhere(registry: CollectorRegistry) -> None:
    CacheMetrics(registry).booked(a_row())
    assert LABELS not in shown(registry)


def test_a_fall_is_a_metric_and_one_warning(
    registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = CacheMetrics(registry)
    with caplog.at_level(logging.INFO, "forebay.cache"):
        for cached in [950] * 250 + [300] * 100:
            metrics.booked(a_call(cached))
    assert f"forebay_cache_low{{{LABELS}}} 1.0" in shown(registry)
    assert f"forebay_cache_efficiency{{{LABELS}}} 0.3" in shown(registry)
    (warning,) = caplog.messages
    assert warning.startswith("answer/v1 on gpt-5.4-mini reads 30% of what")
    assert "used to read 95%" in warning
