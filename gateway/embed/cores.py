"""How many processor cores this process may use. Knows nothing of what they are used for."""

import math
import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000": two cores' time; or "max 100000"


def cores(quota: Path = _QUOTA) -> int:
    """Those it is bound to, or fewer when its container may spend less time than they have."""
    return min(_bound(), _affordable(quota))


def _bound() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _affordable(quota: Path) -> int:
    try:
        spent, period = quota.read_text().split()
        return max(1, math.ceil(int(spent) / int(period)))
    except (OSError, ValueError):  # no such file, or "max"
        return _bound()
