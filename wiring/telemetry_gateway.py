"""What calls to models come to, for Prometheus: tokens, money, time, failures. Never a text."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from domain.records import LedgerRow
from gateway.observer import Observer
from wiring.telemetry_cache import CacheMetrics

if TYPE_CHECKING:
    from gateway.gateway import Health

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
_WAITS = (0.01, 0.1, 0.5, 1, 5, 15, 30)
_DRIFT = (0.5, 0.8, 0.9, 0.95, 0.98, 0.995, 1.005, 1.02, 1.05, 1.1, 1.2, 1.5)
_OPEN = {"closed": 0.0, "half-open": 0.5, "open": 1.0}
_ENDED = frozenset({"stop", "length", "refusal", "tool_calls"})  # with the provider's own count


class GatewayMetrics(Observer, Collector):
    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, says: str, labels: Sequence[str]) -> Counter:
            return Counter(f"forebay_{name}", says, labels, registry=registry)

        def histogram(name: str, says: str, label: str, buckets: Sequence[float]) -> Histogram:
            return Histogram(
                f"forebay_{name}", says, [label], buckets=tuple(buckets), registry=registry
            )

        self._calls = counter(
            "model_calls", "Booked calls.", ["provider", "model", "endpoint", "finish"]
        )
        self._tokens = counter("tokens", "Tokens of model calls.", ["model", "kind"])
        self._cost = counter("cost_dollars", "Cost of model calls.", ["model"])
        self._failures = counter(
            "model_failures", "Calls that failed, tried again or not.", ["lane", "error"]
        )
        self._first = histogram(
            "first_token_seconds", "Time to the first word of a stream.", "model", _SECONDS
        )
        self._whole = histogram("model_seconds", "Time of a call.", "model", _SECONDS)
        self._waits = histogram(
            "throttle_wait_seconds", "Waits for a turn at a provider.", "lane", _WAITS
        )
        self._drift = histogram(
            "token_drift", "The provider's count of a prompt divided by ours.", "model", _DRIFT
        )
        self._share = Gauge(
            "forebay_budget_share", "Of a tenant's money for this month, what is booked.",
            ["tenant"], registry=registry, multiprocess_mode="mostrecent",
        )  # fmt: skip
        self._cache = CacheMetrics(registry)
        self._health: Callable[[], Iterable[Health]] = tuple
        registry.register(self)  # before the breakers: it looks at them whenever they are asked for
        self._open = Gauge(
            "forebay_breaker", "0 closed, 0.5 tried again, 1 open; of several processes the worst.",
            ["lane"], registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip

    def watch(self, health: "Callable[[], Iterable[Health]]") -> None:
        """The breakers to look at when somebody asks."""
        self._health = health

    def health(self) -> "Iterable[Health]":
        """Of each lane; none where no model writes answers."""
        return self._health()

    def collect(self) -> Iterable[Metric]:
        self.look()
        return ()

    def look(self) -> None:
        """At the breakers: other processes see them as they were when this one last looked."""
        for one in self._health():
            self._open.labels(one.lane).set(_OPEN[one.state])

    def booked(self, row: LedgerRow) -> None:
        usage = row.usage
        self.look()
        self._cache.booked(row)
        self._calls.labels(row.provider, row.model, row.endpoint, row.finish).inc()
        self._whole.labels(row.model).observe(row.seconds)
        if row.first_seconds is not None:
            self._first.labels(row.model).observe(row.first_seconds)
        for kind, tokens in (
            ("fresh", usage.input - usage.cached - usage.written), ("cached", usage.cached),
            ("written", usage.written), ("output", usage.output), ("reasoning", usage.reasoning),
        ):  # fmt: skip
            self._tokens.labels(row.model, kind).inc(max(tokens, 0))
        self._cost.labels(row.model).inc(max(row.cost_microdollars, 0) / 1_000_000)
        if row.counted_input and row.finish in _ENDED:
            self._drift.labels(row.model).observe(usage.input / row.counted_input)

    def failed(self, lane: str, error: Exception) -> None:
        self._failures.labels(lane, type(error).__name__).inc()
        self.look()

    def waited(self, lane: str, seconds: float) -> None:
        self._waits.labels(lane).observe(seconds)

    def spent(self, tenant: str, share: float) -> None:
        self._share.labels(tenant).set(share)
