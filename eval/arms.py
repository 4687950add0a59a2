"""Two arms of a trial, from the ledger: what the canary's answers cost, took and said, beside the
control's, and whether chance explains the difference.

Only the newest trial counts: two of them in one arm would say nothing of either. Calls of one
request are one question. Questions of one conversation count as if they did not know each other:
with long conversations take a difference for surer only when it is clear. Prints nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from domain.records import LedgerRow

ENDPOINT = "ask"
FEW = 100  # questions of an arm, below which little can be said
_PERMUTATIONS = 4_000
_SEED = 20
_TIE = 1e-12
_BROKEN = frozenset({"broken", "late"})


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one measure. `p` and the interval (95 %) are of canary minus control."""

    name: str
    control: float
    canary: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Arm:
    name: str
    questions: int
    models: tuple[str, ...]
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    arms: tuple[Arm, Arm]  # control, canary
    measures: tuple[Measured, ...]
    earlier: int = 0  # questions of earlier trials, which are left out

    @property
    def few(self) -> bool:
        return any(arm.questions < FEW for arm in self.arms)


Calls = Sequence[LedgerRow]  # of one question

_MEASURES: Mapping[str, Callable[[Calls], float | None]] = {
    "cost": lambda calls: sum(call.cost_microdollars for call in calls) / 1_000_000,
    "seconds": lambda calls: sum(call.seconds for call in calls),
    "first word": lambda calls: calls[-1].first_seconds,
    "found": lambda calls: None if calls[-1].found is None else float(calls[-1].found),
    "refused": lambda calls: float(calls[-1].finish == "refusal"),
    "cut": lambda calls: float(calls[-1].finish == "length"),
    "failed": lambda calls: float(calls[-1].finish in _BROKEN),
}


def compare(rows: Sequence[LedgerRow]) -> Comparison:
    """Of all tenants that the rows are of. A measure that an arm has not is left out."""
    newest, earlier = _trials(rows)
    sides = [_questions(row for row in newest if row.arm == arm) for arm in ("control", "canary")]
    measured = (_measured(name, of, *sides) for name, of in _MEASURES.items())
    arms = _arm("control", sides[0]), _arm("canary", sides[1])
    return Comparison(arms, tuple(one for one in measured if one), len(_questions(earlier)))


def _trials(rows: Sequence[LedgerRow]) -> tuple[list[LedgerRow], list[LedgerRow]]:
    """The newest, and those before it."""
    own = [row for row in rows if row.arm and row.endpoint == ENDPOINT]
    own = [row for row in own if row.finish != "left"]  # nobody waited: it says nothing
    newest = max(own, key=lambda row: row.at).trial if own else ""
    earlier = [row for row in own if row.trial != newest]
    return [row for row in own if row.trial == newest], earlier


def _questions(rows: Iterable[LedgerRow]) -> list[Calls]:
    numbered = enumerate(rows)
    keyed = [(row.tenant, row.request or str(place), row) for place, row in numbered]
    keyed.sort(key=lambda one: (one[0], one[1], one[2].at))
    return [[row for *_, row in calls] for _, calls in groupby(keyed, lambda one: one[:2])]


def _arm(name: str, questions: Sequence[Calls]) -> Arm:
    models = sorted({call.model for calls in questions for call in calls})
    prompts = sorted({call.prompt_version for calls in questions for call in calls})
    return Arm(name, len(questions), tuple(models), tuple(prompts))


def _measured(
    name: str,
    of: Callable[[Calls], float | None],
    control: Sequence[Calls],
    canary: Sequence[Calls],
) -> Measured | None:
    sides = [[value for q in side if (value := of(q)) is not None] for side in (control, canary)]
    before, after = (np.array(side) for side in sides)
    if not len(before) or not len(after):
        return None
    change = float(after.mean() - before.mean())
    error = 1.96 * float(np.sqrt(_variance(before) + _variance(after)))
    return Measured(
        name,
        float(before.mean()),
        float(after.mean()),
        change - error,
        change + error,
        _p(before, after),
    )


def _variance(values: "np.ndarray[tuple[int]]") -> float:
    """Of their mean."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0


def _p(before: "np.ndarray[tuple[int]]", after: "np.ndarray[tuple[int]]") -> float:
    """Two-sided: how often arms named by chance differ as much."""
    every, number = np.concatenate((before, after)), len(after)
    total, random = every.sum(), np.random.default_rng(_SEED)
    seen = abs(after.mean() - before.mean()) - _TIE
    beyond = 1
    for _ in range(_PERMUTATIONS):
        drawn = random.permutation(every)[:number].sum()
        beyond += abs(drawn / number - (total - drawn) / len(before)) >= seen
    return float(beyond / (_PERMUTATIONS + 1))
