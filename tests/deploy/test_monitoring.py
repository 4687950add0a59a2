"""Dashboard and alerts speak of metrics that the code has, and of all of them."""

import json
import re
from typing import Any

import pytest
import yaml

from api import health
from tests.layout.checkout import read
from wiring.telemetry import Telemetry

DASHBOARD: dict[str, Any] = json.loads(read("deploy/grafana/forebay.json"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"] if panel["type"] != "row"}
GROUPS = yaml.safe_load(read("deploy/prometheus/rules.yaml"))["groups"]
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in GROUPS for rule in group["rules"]
}
(SCRAPE,) = yaml.safe_load(read("deploy/prometheus/scrape.yaml"))["scrape_configs"]
SHOWN = [target["expr"] for panel in PANELS.values() for target in panel["targets"]]
ASKED = [*SHOWN, *(rule["expr"] for rule in ALERTS.values())]
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}
every_alert = pytest.mark.parametrize("alert", ALERTS.values(), ids=ALERTS)


def kinds() -> dict[str, str]:
    """Of each metric, as /metrics says it."""
    text = Telemetry().render().decode()
    return dict(re.findall(r"^# TYPE (forebay_\w+?)(?:_total)? (\w+)$", text, re.MULTILINE))


def samples() -> set[str]:
    return {name + end for name, kind in kinds().items() for end in SUFFIXES[kind]}


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bforebay_\w+", expression))


def without_pairs(expression: str) -> str:
    left, pairs = re.sub(r'"[^"]*"', "", expression), r"\([^][(){}]*\)|\[[^][(){}]*\]|{[^][(){}]*}"
    while re.search(pairs, left):
        left = re.sub(pairs, "", left)
    return left


def test_only_what_is_counted_is_asked_for() -> None:
    assert [name for one in ASKED for name in named(one) if name not in samples()] == []


def test_all_that_is_counted_is_shown() -> None:
    shown = {name for expression in SHOWN for name in named(expression)}
    unseen = {
        name for name, kind in kinds().items() if not {name + end for end in SUFFIXES[kind]} & shown
    }
    assert unseen == set()


def test_brackets_are_closed() -> None:
    assert [one for one in ASKED if re.search(r"[()\[\]{}]", without_pairs(one))] == []


@every_alert
def test_an_alert_says_what_is_and_what_to_do(alert: dict[str, Any]) -> None:
    assert set(alert["annotations"]) == {"summary", "action"}
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert re.fullmatch(r"\d+m", alert["for"])


@pytest.mark.parametrize("about", ["first_token", "requests", "cost", "cache", "breaker", "budget"])
def test_somebody_is_told_of(about: str) -> None:
    assert any(f"forebay_{about}" in rule["expr"] for rule in ALERTS.values())


def test_prometheus_reads_what_the_service_has_with_a_key() -> None:
    assert SCRAPE["metrics_path"] in {getattr(route, "path", "") for route in health.router.routes}
    assert SCRAPE["authorization"]["type"] == "Bearer"


def test_the_job_is_called_as_the_alerts_have_it() -> None:
    jobs = {name for one in ASKED for name in re.findall(r'job="(\w+)"', one)}
    assert jobs == {SCRAPE["job_name"]}


def test_panels_do_not_lie_on_each_other() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (place["x"] + x, place["y"] + y)
        for place in places
        for x in range(place["w"])
        for y in range(place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
