"""What prompt caches do, for Prometheus, and a warning when they do less than they used to."""

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge

from domain.records import LedgerRow
from gateway.caching.alarm import Alarm

_log = logging.getLogger("forebay.cache")


class CacheMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        by_version = ["prompt", "model"]
        self._tokens = Counter(
            "forebay_cache_tokens", "Tokens that could be read from the cache, and that were.",
            [*by_version, "kind"], registry=registry,
        )  # fmt: skip
        self._calls = Counter(
            "forebay_cache_calls", "Calls, by what the cache did.", [*by_version, "why"],
            registry=registry,
        )  # fmt: skip
        self._saved = Gauge(
            "forebay_cache_saved_dollars", "Saved since the start; below 0: writing cost more.",
            ["model", "beside"], registry=registry, multiprocess_mode="sum",
        )  # fmt: skip
        self._efficiency = Gauge(
            "forebay_cache_efficiency", "Read of what could be read, of the last calls.",
            by_version, registry=registry, multiprocess_mode="mostrecent",
        )  # fmt: skip
        self._low = Gauge(
            "forebay_cache_low", "1: a prompt version reads less than it used to.",
            by_version, registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        self._alarm = Alarm()

    def booked(self, row: LedgerRow) -> None:
        cache, version, model = row.cache, row.prompt_version, row.model
        if cache is None:
            return
        self._calls.labels(version, model, cache.why).inc()
        self._tokens.labels(version, model, "cacheable").inc(cache.cacheable)
        self._tokens.labels(version, model, "read").inc(min(row.usage.cached, cache.cacheable))
        self._saved.labels(model, "uncached").inc(cache.saved_microdollars / 1_000_000)
        self._saved.labels(model, "naive").inc(cache.saved_naive_microdollars / 1_000_000)
        self._judge(row, cache.cacheable)

    def _judge(self, row: LedgerRow, cacheable: int) -> None:
        version, model = row.prompt_version, row.model
        found = self._alarm.read(version, model, row.usage.cached, cacheable)
        if found is None:
            return
        self._efficiency.labels(version, model).set(found.efficiency)
        self._low.labels(version, model).set(found.low)
        if found.changed and found.low:
            _log.warning(
                "%s on %s reads %.0f%% of what its prompt cache could give, and used to read "
                "%.0f%%. `forebay cache --by version` says why.",
                version, model, 100 * found.efficiency, 100 * found.usual,
            )  # fmt: skip
        elif found.changed:
            _log.info("%s on %s reads as much of its prompt cache as before", version, model)
