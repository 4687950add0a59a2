"""Which passages should stand before the cache boundary, so that a question costs least.

A passage that is shown for a share `q` of the questions costs `q` times its tokens behind the
boundary; before it, all of its tokens at what the prefix costs a token, most of it read from the
cache. Pure: knows counts and prices, no store and no provider.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt

_SURE = 1.64  # standard deviations that a share is taken to be smaller than it was seen to be


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage, its tokens in a prompt, and for how many questions it was shown."""

    id: str
    tokens: int
    times: int


@dataclass(frozen=True, slots=True)
class Boundary:
    """What stands before it today, and what that costs beside plain input."""

    tokens: int  # of the prefix without anything pinned
    least: int  # below which the model caches nothing
    hit: float  # share of the questions that find a prefix in the cache which is the tenant's own
    miss: float = 1.0  # cost of a token that is not found: 1, or more where writing costs
    read: float = 0.1  # cost of a token that is
    common: float = 0.0  # share that finds it without anything pinned, where tenants share it

    def price(self, tokens: int) -> float:
        """Of one token of a prefix of this length."""
        if tokens < self.least:
            return 1.0
        hit = self.found if tokens == self.tokens else self.hit
        return hit * self.read + (1 - hit) * self.miss

    @property
    def found(self) -> float:
        """Share of the questions that find what stands there today."""
        return max(self.hit, self.common)


@dataclass(frozen=True, slots=True)
class Plan:
    pinned: tuple[Shown, ...]
    before: float  # expected cost of prefix and passages, in tokens of plain input a question
    after: float
    surely: float  # the same when each pinned passage is shown as seldom as may well be

    @property
    def saves(self) -> float:
        """Of what prefix and passages cost, as a share."""
        return 1 - self.after / self.before if self.before else 0.0


def plan(shown: Sequence[Shown], questions: int, boundary: Boundary, limit: int) -> Plan:
    """At most `limit` tokens are pinned. Nothing, when that is cheapest."""
    ranked = sorted(shown, key=lambda one: (-_surely(one.times, questions), one.id))
    lengths = list(accumulate((one.tokens for one in ranked), initial=0))
    costs = [
        _cost(ranked, number, boundary, questions, careful=True)
        for number in range(len(ranked) + 1)
        if lengths[number] <= limit
    ]
    best = min(range(len(costs)), key=costs.__getitem__)
    return Plan(
        tuple(ranked[:best]),
        _cost(ranked, 0, boundary, questions),
        _cost(ranked, best, boundary, questions),
        costs[best],
    )


def saving(
    pinned: Collection[str], shown: Sequence[Shown], questions: int, boundary: Boundary
) -> float:
    """Of what prefix and passages would cost, the share that such a plan saves; may be negative."""
    ranked = sorted(shown, key=lambda one: one.id not in pinned)
    before = _cost(ranked, 0, boundary, questions)
    after = _cost(ranked, sum(one.id in pinned for one in shown), boundary, questions)
    return 1 - after / before if before else 0.0


def _cost(
    ranked: Sequence[Shown],
    pinned: int,
    boundary: Boundary,
    questions: int,
    *,
    careful: bool = False,
) -> float:
    """Of a question, when the first so many are pinned. `careful`: what is pinned would have
    been shown less often than it was.
    """
    length = boundary.tokens + sum(one.tokens for one in ranked[:pinned])
    behind = sum(one.tokens * one.times for one in ranked[pinned:]) / max(1, questions)
    if careful:
        seldom = sum(
            one.tokens * (one.times / questions - _surely(one.times, questions))
            for one in ranked[:pinned]
        )
        behind += seldom
    return length * boundary.price(length) + behind


def _surely(times: int, questions: int) -> float:
    """The share that it is at least, most likely (Wilson's lower bound)."""
    if not questions:
        return 0.0
    share, z2 = times / questions, _SURE**2
    middle = share + z2 / (2 * questions)
    spread = _SURE * sqrt(share * (1 - share) / questions + z2 / (4 * questions**2))
    return max(0.0, (middle - spread) / (1 + z2 / questions))
