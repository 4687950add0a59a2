"""What a prefix would have found in its vendor's cache, had it been asked for at these times.

Told what the planner tells, kept as long as the vendor's rules say. Calls nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from domain.completion import CachePlan, ChatRequest
from gateway.caching.plan import Planner
from gateway.caching.rules import CacheRules, Life

_DAY, _SOON = Life("24h", 86_400.0, 1.0), Life("", 300.0, 1.0)  # kept unasked, for nothing


@dataclass(frozen=True, slots=True)
class Replayed:
    times: int
    found: float  # share of them
    miss: float  # cost of a token that was not found, beside plain input


def replayed(
    times: Sequence[float],
    request: ChatRequest,
    planner: Planner,
    rules: CacheRules,
    model: str,
    since: float = -inf,
) -> Replayed:
    """Of the request's prefix. `since`: what was before is learned from, and not counted."""
    written, until, asked, found, missed = -inf, -inf, 0, 0, 0.0
    for now in times:
        plan = planner.plan(request, rules, model, now)
        kept = _kept(plan, len(request.prompt.prefix), rules)
        there = now < min(until, written + rules.longest)
        if now >= since:
            asked += 1
            found += there
            missed += 0.0 if there else kept.write if kept else 1.0
        if kept:
            written, until = written if there else now, now + kept.seconds
    misses = asked - found
    return Replayed(asked, found / max(1, asked), missed / misses if misses else 1.0)


def _kept(plan: CachePlan, turns: int, rules: CacheRules) -> Life | None:
    if rules.kind == "steps":
        return _DAY if plan.retention == "24h" else _SOON
    lives = {life.name: life for life in rules.lives}
    return next((lives[mark.life] for mark in plan.marks if mark.turns == turns), None)
