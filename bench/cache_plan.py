"""Does pinning what is shown most pay? On traces whose passages follow Zipf's law.

    python -m bench.cache_plan [--only MIX …]

The first half of a trace is what `forebay prompts plan` sees. Its plan is replayed on the second
half, beside no plan and beside the best that who knows the second half could have pinned.

A plan is one tenant's. Where 40 tenants pin the same, each writes for itself what all share
without a plan, so that little or nothing pays.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from rich.console import Console
from rich.table import Table

from bench.cache import MODELS, Model, planned, replayed
from bench.cache_layout import Requests, chunk, ours, request_of
from bench.cache_trace import Asked, Mix, trace
from domain.completion import ChatRequest
from domain.documents import Chunk
from domain.prompt import Message
from domain.records import Turn
from prompts.plan import Boundary, Plan, Shown, plan
from prompts.prefix import prefix
from prompts.sets import PromptSet
from tests.provider.prompt_cache import PromptCache
from tests.provider.tokens import count

_LIMIT = 16_000  # tokens pinned at most
_POOL = 400
_RULES = 1_500  # tokens of the prompt set
MIXES = {
    f"Zipf {zipf:g}, {passages} passages, {named}": Mix(
        "", tenants=tenants, passages=passages, zipf=zipf, pool=_POOL
    )
    for named, tenants in (("one tenant", 1), ("40 tenants", 40))
    for zipf in (0.8, 1.0, 1.2)
    for passages in (5, 15)
}


@dataclass(frozen=True, slots=True)
class Row:
    mix: str
    model: str
    pinned: int  # passages
    tokens: int
    expected: float  # cost of the input beside that without a plan
    cost: float  # the same on the second half
    best: float
    recall: float  # of the passages that were shown without a plan
    met: bool


def row(name: str, mix: Mix, model: Model) -> Row:
    asked = trace(mix)
    seen, later = asked[: len(asked) // 2], asked[len(asked) // 2 :]
    pool = [chunk(f"passage-{number:03}", number) for number in range(mix.pool)]
    sizes = [count(one.text) + 12 for one in pool]
    before = composed(seen, pool, ())
    boundary = _boundary(before, model)
    made = _plan(seen, sizes, boundary)
    best = _plan(later, sizes, boundary, careful=False)
    costs = []
    recall = 1.0
    for one in (None, made, best):
        pinned = () if one is None else tuple(int(shown.id) for shown in one.pinned)
        requests = composed(later, pool, pinned)
        costs.append(replayed(requests, PromptCache(model.told), ours, planned(model)).cost)
        if one is made:
            recall = _recall(requests, pool)
    bare, with_plan, with_best = costs
    return Row(
        name, model.name, len(made.pinned), sum(one.tokens for one in made.pinned),
        1 - made.saves, with_plan / bare, with_best / bare, recall,
        with_plan < bare and recall == 1.0,
    )  # fmt: skip


def composed(
    asked: Sequence[Asked], pool: Sequence[Chunk], pinned: Sequence[int]
) -> list[tuple[Asked, ChatRequest]]:
    """What is pinned is not shown again behind the boundary."""
    before = prefix(_set(), [pool[number] for number in pinned])
    turns: dict[str, list[Turn]] = {}
    found = []
    for one in asked:
        said = turns.setdefault(one.session, [])
        rest = tuple(number for number in one.passages if number not in pinned)
        found.append((one, request_of(replace(one, passages=rest), before, pool, said)))
        said.append(Turn(one.question, one.answer, ""))
    return found


def _set() -> PromptSet:
    return PromptSet(
        "answer/bench", (Message("system", "Answer as the rules say. " * (_RULES // 6)),)
    )


def _plan(
    asked: Sequence[Asked], sizes: Sequence[int], boundary: Boundary, *, careful: bool = True
) -> Plan:
    times = Counter(number for one in asked for number in one.passages)
    many = 1 if careful else 1_000  # so often seen that there is no doubt left
    shown = [Shown(str(number), sizes[number], n * many) for number, n in times.items()]
    return plan(shown, len(asked) * many, boundary, _LIMIT)


def _boundary(requests: Requests, model: Model) -> Boundary:
    """What the traffic of the first half lets a prefix find, were it long enough."""
    tokens = count(requests[0][1].prompt.prefix[0].text)
    bare, own = [], []
    for one, request in requests:
        alone = replace(request.prompt, history=(), tail=(Message("user", one.question),))
        bare.append((one, replace(request, prompt=alone)))
        own.append((one, replace(request, prompt=replace(alone, common=""))))
    rules = replace(model.told, least=1, step=min(16, model.told.step))
    spent = [replayed(some, PromptCache(rules), ours, planned(model)) for some in (own, bare)]
    hit, common = (min(1.0, one.cached / (tokens * len(requests))) for one in spent)
    miss = min((one.write for one in model.rules.lives), default=1.0)
    return Boundary(tokens, model.rules.least, hit, miss, common=common)


def _recall(requests: Requests, pool: Sequence[Chunk]) -> float:
    """Of the passages that the question would have been shown, those that it is shown."""
    there = wanted = 0
    for one, request in requests:
        shown = {item.chunk.id for item in request.prompt.evidence}
        wanted += len(one.passages)
        there += sum(pool[number].id in shown for number in one.passages)
    return there / wanted


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MIXES, default=list(MIXES))
    rows = [row(name, MIXES[name], model) for name in parser.parse_args().only for model in MODELS]
    table = Table(title="Input cost of the second half beside no plan (1.000)")
    for column in ("trace", "model", "pinned", "expected", "Forebay", "best", "recall", ""):
        table.add_column(column)
    for one in rows:
        table.add_row(
            one.mix, one.model, f"{one.pinned} ({one.tokens:,} tokens)", f"{one.expected:.3f}",
            f"{one.cost:.3f}", f"{one.best:.3f}", f"{one.recall:.3f}",
            "met" if one.met else "MISSED",
        )  # fmt: skip
    Console(width=140).print(table)
    print(json.dumps({"rows": [asdict(one) for one in rows]}))
    return 0 if all(one.met for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
