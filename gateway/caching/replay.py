"""What a prefix would have found in its vendor's cache, had it been asked for at these times.

Told what the planner tells, kept as long as the vendor's rules say. Calls nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from domain.completion import CachePlan, ChatRequest
from domain.prompt import Message, Prompt
from gateway.caching.plan import Planner
from gateway.caching.rules import CacheRules, Life

_LONG = 4  # characters for each token of the model's minimum: no text of so many is too short
_DAY, _SOON = Life("24h", 86_400.0, 1.0), Life("", 300.0, 1.0)  # kept unasked, for nothing


@dataclass(frozen=True, slots=True)
class Replayed:
    times: int
    found: float  # share of them
    miss: float  # cost of a token that was not found, beside plain input


def replayed(
    times: Sequence[float], planner: Planner, rules: CacheRules, model: str, since: float = -inf
) -> Replayed:
    """`since`: what was before is learned from, and not counted."""
    text = Message("system", "x" * rules.least * _LONG)
    request = ChatRequest(Prompt("", (text,), (), (), "", ()))
    written, until, asked, found, missed = -inf, -inf, 0, 0, 0.0
    for now in times:
        kept = _kept(planner.plan(request, rules, model, now), rules)
        there = now < min(until, written + rules.longest)
        if now >= since:
            asked += 1
            found += there
            missed += 0.0 if there else kept.write if kept else 1.0
        if kept:
            written, until = written if there else now, now + kept.seconds
    misses = asked - found
    return Replayed(asked, found / max(1, asked), missed / misses if misses else 1.0)


def _kept(plan: CachePlan, rules: CacheRules) -> Life | None:
    if rules.kind == "steps":
        return _DAY if plan.retention == "24h" else _SOON
    return next((one for mark in plan.marks for one in rules.lives if one.name == mark.life), None)
