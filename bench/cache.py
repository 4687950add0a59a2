"""What the cache boundary saves, by the emulated caches' token-exact account.

    python -m bench.cache [--only MIX …]

The questions of a bursty day are composed as the service composes them and laid out in four ways:
as Forebay does, with the passages and the date in the system message, static first and
nothing said to the cache, and as who knows the whole day would. No provider is asked.

All tenants have the same rules, and nothing else stands before the boundary; in "own documents"
each has its own pinned there, too, and in "same documents" all have pinned the same: who says
nothing to the cache lets tenants share those, Forebay with FOREBAY_CACHE__SHARED ("shared") alone.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from rich.console import Console
from rich.table import Table

from bench.cache_layout import Layout, Requests, Static, composed, naive, ours, plain
from bench.cache_trace import Asked, Mix
from domain.completion import CacheMark, CachePlan, ChatRequest
from gateway.caching.plan import Planner, beginnings
from gateway.caching.rules import READ, CacheRules, Life, cache_rules
from tests.provider import prompt_cache as emulated
from tests.provider.prompt_cache import PromptCache
from tests.provider.tokens import count

_EFFICIENT, _ALIKE = 0.98, 1.001
_SAVED = {"half": 0.43, "70 %": 0.60}


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    provider: str
    told: emulated.Rules  # when Forebay asks
    plain: emulated.Rules  # when nothing is said

    @property
    def rules(self) -> CacheRules:
        return cache_rules(self.provider, self.name)


MODELS = (
    Model("gpt-5.4", "openai", emulated.GPT_54_LONG, emulated.GPT_54),
    Model("gpt-5.6-sol", "openai", emulated.GPT_56, emulated.GPT_56),
    Model("claude-sonnet-5", "anthropic", emulated.CLAUDE, emulated.CLAUDE),
    Model("gemini-2.5-flash", "gemini", emulated.GEMINI_25, emulated.GEMINI_25),
)


@dataclass(slots=True)
class Spent:
    """In plain input tokens."""

    input: int = 0
    cached: int = 0
    extra: float = 0.0  # what writing cost beside plain input

    @property
    def cost(self) -> float:
        return self.input - (1 - READ) * self.cached + self.extra


_WRITE = {300.0: 1.25, 3600.0: 2.0, 1800.0: 1.25, 43200.0: 1.25}
NO_CACHE = replace(emulated.GPT_54, least=10**9)
Plans = Callable[[Asked, ChatRequest], CachePlan]


def replayed(requests: Requests, cache: PromptCache, layout: Layout, plans: Plans) -> Spent:
    spent = Spent()
    for asked, request in requests:
        plan = plans(asked, request)
        blocks = layout(request.prompt.continued(plan.apart), asked, plan)
        counted = cache.ask(blocks, key=plan.key or "", now=asked.at, implicit=not plan.explicit)
        spent.input += counted.input
        spent.cached += counted.cached
        if cache.rules.charged:
            spent.extra += sum((_WRITE[life] - 1) * tokens for life, tokens in counted.lives)
    return spent


def planned(model: Model, *, isolated: bool = True) -> Plans:
    planner = Planner(isolated=isolated)
    return lambda asked, request: planner.plan(request, model.rules, model.name, asked.at)


def untold(_: Asked, __: ChatRequest) -> CachePlan:
    return CachePlan()


def foreseen(model: Model, requests: Requests) -> Plans:
    """As who knows when each beginning is asked for again: the cheapest lives for them."""
    rules, whose = model.rules, {}
    for number, (_, request) in enumerate(requests):
        apart = rules.rate and not request.prompt.everybodys
        whose[id(request)] = request.account.tenant if apart else "", number
    marks = _cheapest(requests, rules, {key: owner for key, (owner, _) in whose.items()})

    def plan(_: Asked, request: ChatRequest) -> CachePlan:
        owner, number = whose[id(request)]
        return CachePlan(owner or None, marks=marks[number], explicit=rules.kind == "marks")

    return plan


def _cheapest(
    requests: Requests, rules: CacheRules, whose: dict[int, str]
) -> list[tuple[CacheMark, ...]]:
    if rules.kind != "marks":
        return [()] * len(requests)
    moments: dict[str, list[tuple[int, float, tuple[int, ...]]]] = {}
    for number, (asked, request) in enumerate(requests):
        for it in beginnings(request, whose[id(request)], rules.least):
            moments.setdefault(it.name, []).append((number, asked.at, it.ends))
    marks: list[list[CacheMark]] = [[] for _ in requests]
    for seen in moments.values():
        for (number, _, ends), life in zip(seen, _lives(seen, rules.lives), strict=True):
            if life:
                marks[number] += [CacheMark(place, life.name) for place in ends]
    return [tuple(sorted(some, key=lambda mark: mark.turns)) for some in marks]


def _lives(
    seen: Sequence[tuple[int, float, tuple[int, ...]]], lives: Sequence[Life]
) -> list[Life | None]:
    """From the last moment back: what each costs from there on when nothing is kept by then."""
    costs, chosen, ends = [0.0] * (len(seen) + 1), [None] * len(seen), [0] * len(seen)
    reach = {life: len(seen) for life in lives}
    best: list[Life | None] = list(chosen)
    for i in range(len(seen) - 1, -1, -1):
        costs[i], best[i], ends[i] = 1 + costs[i + 1], None, i + 1
        for life in lives:
            if i + 1 < len(seen) and seen[i + 1][1] - seen[i][1] >= life.seconds:
                reach[life] = i + 1
            end = reach[life]
            cost = life.write + READ * (end - i - 1) + costs[end]
            if cost < costs[i]:
                costs[i], best[i], ends[i] = cost, life, end
    i = 0
    while i < len(seen):
        for j in range(i, ends[i]):
            best[j] = best[i]
        i = ends[i]
    return best


_DAY = Mix("day", passages=15)
_TALKS = replace(_DAY, follow_up=0.8)
_RARE = Mix("rare", questions=120, tenants=40, days=7, follow_up=0.1, passages=15)
MIXES: dict[str, tuple[Mix, float, Static]] = {
    "half": (_DAY, 0.5, "rules"),
    "70 %": (_DAY, 0.7, "rules"),
    "long talks": (_TALKS, 0.5, "rules"),
    "one hot tenant": (Mix("hot", tenants=1, days=0.1, passages=15), 0.5, "rules"),
    "half, own documents": (_DAY, 0.5, "own documents"),
    "70 %, own documents": (_DAY, 0.7, "own documents"),
    "half, same documents": (_DAY, 0.5, "same documents"),
    "70 %, same documents": (_DAY, 0.7, "same documents"),
    "long talks, same documents": (_TALKS, 0.5, "same documents"),
    "rare": (_RARE, 0.5, "rules"),
    "rare, another week": (replace(_RARE, seed=1), 0.5, "rules"),
}


@dataclass(frozen=True, slots=True)
class Row:
    mix: str
    model: str
    share: float  # of the prefix
    efficiency: float  # tokens read, beside those that the best would have read
    cost: float  # beside plain input
    shared: float  # the same where tenants share their caches
    best: float
    naive: float
    static: float
    missed: tuple[str, ...]


def row(name: str, model: Model, requests: Requests, share: float) -> Row:
    bare = replayed(requests, PromptCache(NO_CACHE), plain, untold).cost
    own = replayed(requests, PromptCache(model.told), ours, planned(model))
    shared = replayed(requests, PromptCache(model.told), ours, planned(model, isolated=False)).cost
    free = replace(model.told, rate=10**9)
    best = replayed(requests, PromptCache(free), ours, foreseen(model, requests))
    static = replayed(requests, PromptCache(model.plain), plain, untold).cost
    bad = replayed(requests, PromptCache(model.plain), naive, untold).cost
    efficiency = own.cached / best.cached if best.cached else 1.0
    missed = []
    if efficiency < _EFFICIENT:
        missed.append("efficiency")
    wanted = _SAVED.get(name.partition(",")[0])
    if wanted and 1 - own.cost / bad < wanted:
        missed.append("saving")
    if own.cost > static * _ALIKE:
        missed.append("static first")
    if own.cost > bare * _ALIKE:
        missed.append("no cache")
    return Row(
        name, model.name, share, efficiency, own.cost / bare, shared / bare, best.cost / bare,
        bad / bare, static / bare, tuple(missed),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MIXES, default=list(MIXES))
    asked = parser.parse_args()
    rows = []
    for name in asked.only:
        mix, wanted, static = MIXES[name]
        requests = composed(mix, wanted, static)
        share = _share(requests)
        rows += [row(name, model, requests, share) for model in MODELS]
    _show(rows)
    return 1 if any(one.missed for one in rows) else 0


def _share(requests: Requests) -> float:
    """Of the input tokens of first questions, those that stand before the boundary."""
    prompts = [request.prompt for asked, request in requests if asked.turn == 0]
    whole = sum(count(m.text) for prompt in prompts for m in prompt.messages)
    return sum(count(m.text) for prompt in prompts for m in prompt.prefix) / whole


def _show(rows: Sequence[Row]) -> None:
    table = Table(title="Input cost beside no cache at all (1.000)")
    for column in (
        "mix", "prefix", "model", "read, of the best", "Forebay", "shared", "best", "naive",
        "static first", "below naive", "",
    ):  # fmt: skip
        table.add_column(column)
    for one in rows:
        table.add_row(
            one.mix, f"{one.share:.0%}", one.model, f"{one.efficiency:.3f}", f"{one.cost:.3f}",
            f"{one.shared:.3f}", f"{one.best:.3f}", f"{one.naive:.3f}", f"{one.static:.3f}",
            f"{1 - one.cost / one.naive:.1%}",
            f"MISSED: {', '.join(one.missed)}" if one.missed else "met",
        )  # fmt: skip
    Console(width=140).print(table)
    print(json.dumps({"rows": [asdict(one) for one in rows]}))


if __name__ == "__main__":
    sys.exit(main())
