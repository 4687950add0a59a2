"""What a peer is given to search, and what it prints when it has.

The chunks and all vectors come ready-made, the same for everyone. Knows no framework.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Search = Callable[[str], list[str]]  # question → ids of chunks whose text it has fetched

_WARM = 20  # questions


@dataclass(frozen=True, slots=True)
class SearchJob:
    """A folder with `chunks.jsonl`, `questions.jsonl` and a row of vectors for each of both."""

    folder: Path
    limit: int
    depth: int  # candidates a leg

    def chunks(self) -> list[dict[str, str]]:
        """`id` and `text`."""
        return self._rows("chunks")

    def questions(self) -> list[str]:
        return [row["text"] for row in self._rows("questions")]

    def vectors(self) -> Vectors:
        return self._vectors("chunks")

    def by_text(self) -> dict[str, list[float]]:
        """Stands for the embedder, of chunks and questions."""
        texts = [row["text"] for row in self.chunks()] + self.questions()
        rows = [*self.vectors().tolist(), *self._vectors("questions").tolist()]
        return dict(zip(texts, rows, strict=True))

    def _rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def _vectors(self, name: str) -> Vectors:
        rows: Vectors = np.load(self.folder / f"{name}.npy")
        return rows


def carry_out(build: Callable[[SearchJob], Search]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--limit", type=int, required=True)
    parser.add_argument("--depth", type=int, required=True)
    job = SearchJob(**vars(parser.parse_args()))
    start = perf_counter()
    search = build(job)
    built = perf_counter() - start
    questions = job.questions()
    for question in questions[:_WARM]:
        search(question)
    seconds, found = [], []
    for question in questions:
        start = perf_counter()
        found.append(search(question))
        seconds.append(perf_counter() - start)
    print(json.dumps({"built": built, "seconds": seconds, "found": found}))
