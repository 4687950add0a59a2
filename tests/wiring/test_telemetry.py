"""What is booked, waited for and broken can be seen in the metrics."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from domain.errors import ModelUnreachable
from gateway.gateway import Health
from tests.contracts.state_ledger import a_row
from wiring.telemetry_gateway import GatewayMetrics

ROW = replace(a_row(25_000), provider="openai", first_seconds=0.3, counted_input=3_900)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> GatewayMetrics:
    return GatewayMetrics(registry)


def test_a_booked_call_counts_its_tokens_by_kind_and_its_money(
    metrics: GatewayMetrics, registry: CollectorRegistry
) -> None:
    metrics.booked(ROW)
    kinds = ("fresh", "cached", "written", "output", "reasoning")
    seen = [
        registry.get_sample_value("forebay_tokens_total", {"model": "gpt-5.4-mini", "kind": kind})
        for kind in kinds
    ]
    assert seen == [923, 3072, 5, 300, 128]
    cost = registry.get_sample_value("forebay_cost_dollars_total", {"model": "gpt-5.4-mini"})
    assert cost == pytest.approx(0.025)


@pytest.mark.parametrize(("finish", "seen"), [("stop", 1), ("left", None)], ids=["whole", "cut"])
def test_the_drift_is_of_answers_that_the_provider_counted(
    metrics: GatewayMetrics, registry: CollectorRegistry, finish: str, seen: int | None
) -> None:
    metrics.booked(replace(ROW, finish=finish))
    labels = {"model": "gpt-5.4-mini"}
    assert registry.get_sample_value("forebay_token_drift_count", labels) == seen
    if seen:
        drift = registry.get_sample_value("forebay_token_drift_sum", labels)
        assert drift == pytest.approx(4000 / 3900)


def test_breakers_are_looked_at_when_somebody_asks(
    metrics: GatewayMetrics, registry: CollectorRegistry
) -> None:
    metrics.watch(lambda: [Health("openai/a", "open", "away"), Health("openai/b", "closed", "")])
    text = generate_latest(registry).decode()
    assert 'forebay_breaker{lane="openai/a"} 1.0' in text
    assert 'forebay_breaker{lane="openai/b"} 0.0' in text


def test_failures_waits_and_budgets_are_seen(
    metrics: GatewayMetrics, registry: CollectorRegistry
) -> None:
    metrics.failed("openai/a", ModelUnreachable("a question?"))
    metrics.waited("openai/a", 0.2)
    metrics.spent("acme", 0.85)
    text = generate_latest(registry).decode()
    assert 'forebay_model_failures_total{error="ModelUnreachable",lane="openai/a"} 1.0' in text
    assert 'forebay_throttle_wait_seconds_count{lane="openai/a"} 1.0' in text
    assert 'forebay_budget_share{tenant="acme"} 0.85' in text
    assert "question" not in text
