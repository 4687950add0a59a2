"""Counts of several processes that are one service, added up as prometheus_client does it: each
writes its own into files of one folder, and whoever is asked reads them all.

Counters and histograms of processes that are gone stay in the sum. The folder goes with the
service.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# prometheus_client looks for it when it is imported: it is for processes that start after that.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_counts() -> Iterator[None]:
    """Processes that are started in this block count together."""
    with tempfile.TemporaryDirectory(prefix="forebay-counts-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def forget_gauges(pid: int) -> None:
    """Of a process that is gone: what was true of it is true no more."""
    mark_process_dead(pid, os.environ[_FOLDER])  # type: ignore[no-untyped-call]


def counted_together() -> CollectorRegistry | None:
    """All that is counted; None where this process counts alone."""
    if _FOLDER not in os.environ:
        return None
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
