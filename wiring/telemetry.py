"""What the service counts, for Prometheus. Never a question, a document or a key."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from opentelemetry import trace
from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from domain.answers import Answer, SearchResult, StageTime
from wiring.counts import counted_together
from wiring.telemetry_gateway import GatewayMetrics

_LOG = logging.getLogger(__name__)
_TRACER = trace.get_tracer("forebay")
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # every few seconds
_NONE: Mapping[str, str] = {}
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
        self.gateway = GatewayMetrics(registry)

    @contextmanager
    def request(self, method: str = "GET", headers: Mapping[str, str] = _NONE) -> Iterator["Seen"]:
        """The caller writes down what it learns of the request; it is counted, logged and traced,
        as part of the trace that the headers name.
        """
        seen, start = Seen(), perf_counter()
        with _TRACER.start_as_current_span(
            method,
            extract(headers),
            SpanKind.SERVER,
            record_exception=False,  # with its words, which may be anybody's
            set_status_on_exception=False,
        ) as span:
            try:
                yield seen
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise
            finally:
                seconds = perf_counter() - start
                self._requests.labels(seen.route, str(seen.status)).inc()
                self._seconds.labels(seen.route).observe(seconds)
                span.update_name(f"{method} {seen.route}")
                span.set_attributes(
                    {"http.route": seen.route, "http.response.status_code": seen.status}
                )
                said = {"method": method, "route": seen.route, "status": seen.status}
                level = logging.DEBUG if seen.route in _PROBES else logging.INFO
                _LOG.log(level, "request", extra={**said, "seconds": round(seconds, 4)})

    def searched(self, result: SearchResult) -> None:
        self._observe(result.times)

    def answered(self, answer: Answer) -> None:
        self._observe(answer.times)
        self._answers.labels(answer.model, str(answer.found).lower()).inc()

    def render(self) -> bytes:
        """Of all processes that count together."""
        self.gateway.look()
        return generate_latest(counted_together() or self._registry)

    def _observe(self, times: tuple[StageTime, ...]) -> None:
        for time in times:
            self._stages.labels(time.stage).observe(time.seconds)
