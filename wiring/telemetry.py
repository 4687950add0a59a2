"""What the service counts, for Prometheus. Never a question, a document or a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from domain.answers import Answer, SearchResult, StageTime

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(slots=True)
class Seen:
    """What is known of a request when it ends. A route's pattern, never a path with ids in it."""

    route: str = "none"
    status: int = 500


class Telemetry:
    """One registry a process, so that two services in one test do not share counts."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "forebay_requests", "HTTP requests.", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "forebay_request_seconds", "Time to the last byte.", ["route"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "forebay_stage_seconds", "Time of a stage.", ["stage"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._answers = Counter(
            "forebay_answers", "Answers.", ["model", "found"], registry=registry
        )
        self._tokens = Counter(
            "forebay_tokens", "Tokens of model calls.", ["model", "kind"], registry=registry
        )
        self._cost = Counter(
            "forebay_cost_dollars", "Cost of model calls.", ["model"], registry=registry
        )

    @contextmanager
    def request(self) -> Iterator["Seen"]:
        """The caller writes down what it learns of the request."""
        seen, start = Seen(), perf_counter()
        try:
            yield seen
        finally:
            self._requests.labels(seen.route, str(seen.status)).inc()
            self._seconds.labels(seen.route).observe(perf_counter() - start)

    def searched(self, result: SearchResult) -> None:
        self._observe(result.times)

    def answered(self, answer: Answer) -> None:
        self._observe(answer.times)
        self._answers.labels(answer.model, str(answer.found).lower()).inc()
        usage = answer.usage
        fresh = usage.input - usage.cached - usage.written
        for kind, tokens in (
            ("fresh", fresh), ("cached", usage.cached), ("written", usage.written),
            ("output", usage.output),
        ):  # fmt: skip
            self._tokens.labels(answer.model, kind).inc(max(tokens, 0))
        self._cost.labels(answer.model).inc(answer.cost_microdollars / 1_000_000)

    def render(self) -> bytes:
        return generate_latest(self._registry)

    def _observe(self, times: tuple[StageTime, ...]) -> None:
        for time in times:
            self._stages.labels(time.stage).observe(time.seconds)
