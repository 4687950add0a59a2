"""From kept questions of production to a data set that waits for judgements.

Draws questions, as many that were answered as not, none twice; pools what several systems find
for them, so that no system is judged by its own finds alone. Asks and judges nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.hits import Hit
from domain.traces import Trace
from eval.synth_passages import order
from eval.words import near

POOL, QUERIES = "pool.jsonl", "queries.jsonl"
_SAME = 0.8  # Dice's coefficient of two questions' words


@dataclass(frozen=True, slots=True)
class Drawn:
    traces: tuple[Trace, ...]
    kept: int  # in all
    found: int  # of all
    again: int  # left out, for another one asks the same


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was drawn; stands as sample.json beside it. Found and not: of all that were kept."""

    out: str
    questions: int
    passages: int
    documents: int
    kept: int
    again: int
    kept_found: int
    drawn_found: int
    pooled: tuple[str, ...]
    depth: int


def draw(traces: Sequence[Trace], number: int, seed: int) -> Drawn:
    """Half of them found and half not, where there are so many; the other half gives more."""
    shuffled = sorted(traces, key=lambda trace: order(seed, trace.id))
    alone, again = _alone(shuffled)
    found = [trace for trace in alone if trace.found]
    missed = [trace for trace in alone if not trace.found]
    half = max(number // 2, number - len(missed))
    chosen = found[:half]
    chosen += missed[: number - len(chosen)]
    chosen.sort(key=lambda trace: order(seed, trace.id))
    return Drawn(tuple(chosen), len(traces), sum(trace.found for trace in traces), again)


def _alone(traces: Iterable[Trace]) -> tuple[list[Trace], int]:
    """Of questions that read alike, the first; and how many others there were."""
    kept: list[Trace] = []
    again = 0
    for trace in traces:
        if any(near(trace.question, other.question) >= _SAME for other in kept):
            again += 1
        else:
            kept.append(trace)
    return kept, again


def pooled(found: Iterable[Sequence[Hit]], depth: int) -> list[Hit]:
    """The best of each system, every passage once; whose it was is not kept."""
    united = {hit.chunk.id: hit for hits in found for hit in hits[:depth]}
    return list(united.values())


def write(out: Path, pools: Mapping[Trace, Sequence[Hit]]) -> None:
    queries = ({"_id": t.id, "text": t.question, "found": t.found} for t in pools)
    _lines(out / QUERIES, queries)
    passages = (_passage(trace, hit) for trace, hits in pools.items() for hit in hits)
    _lines(out / POOL, passages)


def _passage(trace: Trace, hit: Hit) -> Mapping[str, object]:
    chunk = hit.chunk
    return {
        "query": trace.id,
        "passage": chunk.id,
        "source": chunk.source,
        "where": chunk.where,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
    }


def _lines(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    path.write_text(text, encoding="utf-8")
