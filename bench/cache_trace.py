"""Questions of a bursty day: when they come, from which tenant, in which conversation.

Tenants differ in how much they ask (Zipf), everybody asks more by day than by night and in
bursts, and half of the questions are followed up within minutes. The same seed gives the same day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import log, pi, sin
from random import Random

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Asked:
    at: float  # seconds
    tenant: str
    session: str
    turn: int  # from 0
    question: str
    answer: str
    passages: tuple[int, ...]  # by their numbers


@dataclass(frozen=True, slots=True)
class Mix:
    name: str
    questions: int = 2_000
    tenants: int = 40
    days: float = 1.0
    follow_up: float = 0.5  # of the questions
    passages: int = 5
    zipf: float = 1.0  # how unequal passages are shown
    pool: int = 400
    seed: int = 7


def trace(mix: Mix) -> list[Asked]:
    """In the order of time."""
    random = Random(mix.seed)
    asked: list[Asked] = []
    while len(asked) < mix.questions:
        for session in _burst(mix, random, len(asked)):
            asked += session
    return sorted(asked[: mix.questions], key=lambda one: one.at)


def _burst(mix: Mix, random: Random, number: int) -> Iterator[list[Asked]]:
    """A few conversations of one tenant that begin at nearly the same time."""
    weights = [1 / (rank + 1) ** 0.7 for rank in range(mix.tenants)]
    tenant = random.choices(range(mix.tenants), weights)[0]
    start = _moment(random, mix.days)
    for index in range(1 + int(random.expovariate(0.4))):
        at = start + random.expovariate(1 / 240.0)
        yield _session(mix, random, f"tenant-{tenant:02}", f"{number}-{index}", at)


def _session(mix: Mix, random: Random, tenant: str, name: str, at: float) -> list[Asked]:
    turns: list[Asked] = []
    while True:
        said = f"{tenant} {name} {len(turns)}"
        question = f"What does the handbook say about case {said}? " + filler(random, 12)
        passages = _passages(mix, random)
        answer = filler(random, 60)
        turns.append(Asked(at, tenant, f"{tenant} {name}", len(turns), question, answer, passages))
        if random.random() > mix.follow_up:
            return turns
        at += min(1_800.0, random.lognormvariate(log(60), 0.9))


def _moment(random: Random, days: float) -> float:
    """More by day than by night."""
    while True:
        at = random.random() * days * _DAY
        share = at % _DAY / _DAY
        if random.random() < 0.05 + 0.95 * max(0.0, sin(pi * (share * 24 - 7) / 12)):
            return at


def _passages(mix: Mix, random: Random) -> tuple[int, ...]:
    """Of the pool, each once, the first more often, by Zipf's law."""
    shown: dict[int, None] = {}
    weights = _weights(mix.pool, mix.zipf)
    while len(shown) < mix.passages:
        shown |= dict.fromkeys(random.choices(range(mix.pool), cum_weights=weights, k=4))
    return tuple(shown)[: mix.passages]


@cache
def _weights(pool: int, zipf: float) -> list[float]:
    return list(accumulate(1 / rank**zipf for rank in range(1, pool + 1)))


_WORDS = (
    "backup retention policy invoice holiday approval customer region contract storage access "
    "review manager request device network travel budget report shift safety audit training"
).split()


def filler(random: Random, words: int) -> str:
    return " ".join(random.choices(_WORDS, k=words)) + "."
