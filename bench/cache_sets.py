"""Is a fuller prompt set, cached from the first question on, cheaper than a short one?

    python -m bench.cache_sets

The questions of a day are composed with each set of `answer/` and asked of the emulated caches,
with nothing pinned and with 5,000 tokens pinned. Cost is that of the input beside no cache at all
with answer/v1, so that what a set adds counts. No provider is asked.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from rich.console import Console
from rich.table import Table

from bench.cache import MODELS, NO_CACHE, planned, replayed, untold
from bench.cache_layout import Requests, chunk, ours, plain, request_of
from bench.cache_trace import Mix, trace
from domain.documents import Chunk
from domain.records import Turn
from prompts.prefix import Prefix, prefix
from prompts.sets import Library
from tests.provider.prompt_cache import PromptCache

_POOL, _PINNED = 400, 24  # passages of 200 tokens
SETS = tuple(name for name in Library().versions() if name.startswith("answer/"))
MIXES = (
    Mix("single questions", questions=1_000, tenants=20, follow_up=0, passages=15, pool=_POOL),
    Mix("conversations", questions=1_000, tenants=20, follow_up=0.7, passages=15, pool=_POOL),
    Mix("rare", questions=60, tenants=40, days=7, follow_up=0.1, passages=15, pool=_POOL),
)


@dataclass(frozen=True, slots=True)
class Row:
    mix: str
    pinned: int
    model: str
    costs: tuple[float, ...]  # of each set


def rows(mix: Mix, pinned: int) -> list[Row]:
    pool = [chunk(f"passage-{number:03}", number) for number in range(_POOL)]
    pins = [chunk(f"pin-{number}", number) for number in range(pinned)]
    asked = [composed(mix, pool, prefix(Library().read(name), pins)) for name in SETS]
    bare = replayed(asked[0], PromptCache(NO_CACHE), plain, untold).cost
    return [
        Row(
            mix.name, pinned, model.name,
            tuple(
                replayed(one, PromptCache(model.told), ours, planned(model)).cost / bare
                for one in asked
            ),
        )
        for model in MODELS
    ]  # fmt: skip


def composed(mix: Mix, pool: Sequence[Chunk], before: Prefix) -> Requests:
    turns: dict[str, list[Turn]] = {}
    found = []
    for asked in trace(replace(mix, pool=_POOL)):
        said = turns.setdefault(asked.session, [])
        found.append((asked, request_of(asked, before, pool, said)))
        said.append(Turn(asked.question, asked.answer, ""))
    return found


def main() -> int:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    found = [row for mix in MIXES for pinned in (0, _PINNED) for row in rows(mix, pinned)]
    table = Table(title=f"Input cost beside {SETS[0]} without a cache (1.000)")
    for column in ("mix", "pinned", "model", *SETS, "difference"):
        table.add_column(column)
    for one in found:
        change = one.costs[-1] / one.costs[0] - 1
        costs = (f"{cost:.3f}" for cost in one.costs)
        table.add_row(one.mix, str(one.pinned), one.model, *costs, f"{change:+.1%}")
    Console(width=120).print(table)
    print(json.dumps({"rows": [asdict(one) for one in found]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
