"""What a peer is told on its command line, and what it prints when it is done.

Knows no framework.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from bench.peers.model import Model, Way

WAYS: dict[Way, int | None] = {"singly": 64, "batched": None}  # texts at once; None: the default
_TRIED = 64  # texts


@dataclass(frozen=True, slots=True)
class Job:
    corpus: Path
    model: Path  # a folder
    threads: int
    chunk_tokens: int
    way: Way

    def open_model(self) -> Model:
        return Model(self.model, self.way, self.threads)

    def rows(self) -> list[dict[str, str]]:
        with self.corpus.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def batch(self, default: int) -> int:
        return WAYS[self.way] or default


def carry_out(ingest: Callable[[Job], int], default_batch: int) -> None:
    """`ingest` returns the number of chunks. With --try-ways: which way is faster here."""
    arguments = _arguments()
    make = partial(
        Job, arguments.corpus, arguments.model, arguments.threads, arguments.chunk_tokens
    )
    if arguments.try_ways:
        print(json.dumps({way: _try(make(way), default_batch) for way in WAYS}))
        return
    start = perf_counter()
    chunks = ingest(make(arguments.way))
    print(json.dumps({"chunks": chunks, "seconds": perf_counter() - start}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--chunk-tokens", type=int, required=True)
    parser.add_argument("--way", choices=list(WAYS), default="singly")
    parser.add_argument("--try-ways", action="store_true")
    return parser.parse_args()


def _try(job: Job, default_batch: int) -> float:
    """Seconds for some texts, in batches of the size that the framework would give."""
    model, batch = job.open_model(), job.batch(default_batch)
    texts = [f"{row['title']}\n{row['text']}" for row in job.rows()[:_TRIED]]
    model.embed(texts[:2])
    start = perf_counter()
    for first in range(0, len(texts), batch):
        model.embed(texts[first : first + batch])
    return perf_counter() - start
