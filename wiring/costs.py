"""What was spent in a period, by group and by day or hour, and where it is out of the usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wiring.spikes import HISTORY, Spike, spikes
from wiring.state.costs import Sum, sums
from wiring.state.database import State

_DAY = 24


@dataclass(frozen=True, slots=True)
class Group:
    """Of the whole period; `costs` in the order of its days or hours."""

    group: tuple[str, ...]
    calls: int
    input: int
    cached: int
    written: int
    output: int
    retries: int
    cost_microdollars: int
    costs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Costs:
    by: tuple[str, ...]
    whens: tuple[str, ...]  # days or hours, in UTC
    groups: tuple[Group, ...]  # the dearest first
    spikes: tuple[Spike, ...]
    cost_microdollars: int


async def costs(
    state: State,
    by: Sequence[str],
    *,
    since: datetime,
    until: datetime,
    hourly: bool = False,
    tenant: str | None = None,
) -> Costs:
    """From the beginning of a day or hour; spikes are sought in the period, by what was before."""
    begin = _begin(since, hourly=hourly)
    history = begin - timedelta(days=HISTORY)
    found = await sums(
        state.database,
        by,
        since=history.isoformat(),
        until=until.isoformat(),
        hourly=hourly,
        tenant=tenant,
    )
    whens = _whens(history, until, hourly=hourly)
    shown = tuple(when for when in whens if when >= _name(begin, hourly=hourly))
    groups: dict[tuple[str, ...], dict[str, Sum]] = {}
    for one in found:
        groups.setdefault(one.group, {})[one.when] = one
    spent = {g: {w: one.cost_microdollars for w, one in s.items()} for g, s in groups.items()}
    step = _DAY if hourly else 1
    made = [_group(name, whole, shown) for name, whole in groups.items()]
    made = sorted((g for g in made if g.calls), key=lambda g: (-g.cost_microdollars, g.group))
    return Costs(
        by=tuple(by),
        whens=shown,
        groups=tuple(made),
        spikes=tuple(spikes(spent, whens, since=shown[0], step=step)) if shown else (),
        cost_microdollars=sum(group.cost_microdollars for group in made),
    )


def _group(name: tuple[str, ...], whole: dict[str, Sum], shown: Sequence[str]) -> Group:
    there = [whole[when] for when in shown if when in whole]
    return Group(
        group=name,
        calls=sum(one.calls for one in there),
        input=sum(one.input for one in there),
        cached=sum(one.cached for one in there),
        written=sum(one.written for one in there),
        output=sum(one.output for one in there),
        retries=sum(one.retries for one in there),
        cost_microdollars=sum(one.cost_microdollars for one in there),
        costs=tuple(whole[w].cost_microdollars if w in whole else 0 for w in shown),
    )


def _begin(moment: datetime, *, hourly: bool) -> datetime:
    moment = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return moment if hourly else moment.replace(hour=0)


def _name(moment: datetime, *, hourly: bool) -> str:
    return f"{moment:%Y-%m-%dT%H}" if hourly else f"{moment:%Y-%m-%d}"


def _whens(since: datetime, until: datetime, *, hourly: bool) -> list[str]:
    step, found = timedelta(hours=1) if hourly else timedelta(days=1), []
    while since < until:
        found.append(_name(since, hourly=hourly))
        since += step
    return found
