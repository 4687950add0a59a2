"""Vectors for any number of passages, without embedding them all.

The first passages and the questions are embedded with the default model. Every other vector is
a mixture of theirs: a word points to the mean of the embedded passages that have it, a passage
to the sum over its words, the rare ones more, and a little in a direction of its own. Such sums
lie closer together than what they are of: they are stretched until they spread as the embedded
vectors do, around the same mean and in the same directions.
"""

import asyncio
import math
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import corpus
from bench.corpus import Passage
from domain.vectors import VectorSpace
from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig

Vectors = NDArray[np.float32]

EMBEDDED = 3000  # passages
QUESTIONS = 300
_AT_ONCE = 1000
_NOISE = 0.2  # of a mixture's distance from the mean; see `likeness`
_LEAST = 1e-4  # of the largest spread: in directions with less than that nothing is stretched
_WORDS = 12  # of a question
_COMMON = 0.2  # of the passages: a word in more of them says nothing
_WORD = re.compile(r"[a-z]{3,}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Prepared:
    path: Path  # of the passages
    vectors: Vectors  # a row a passage, read from disk as needed
    questions: list[str]
    asked: Vectors  # a row a question
    space: VectorSpace

    def passages(self) -> Iterator[Passage]:
        return corpus.read(self.path, len(self.vectors))


def prepare(count: int, cache: Path) -> Prepared:
    """The same passages, vectors and questions whenever it is asked."""
    path = corpus.prepare(max(count, 2 * EMBEDDED), cache)
    questions = _questions(path)
    embedded, asked, space = _embedded(path, questions, cache)
    vectors = _mixed(path, embedded, cache / "vectors.f32", count)
    return Prepared(path, vectors, questions, asked, space)


def likeness(prepared: Prepared, cache: Path) -> dict[str, float]:
    """How near passages lie to another one and to the nearest, embedded and mixed ones."""
    embedded = np.load(cache / "embedded.npy")
    mixed = _unit(np.asarray(prepared.vectors[EMBEDDED : 2 * EMBEDDED]))
    figures = {}
    for name, some in (("embedded", embedded), ("mixed", mixed)):
        near = some @ some.T
        np.fill_diagonal(near, np.nan)
        figures[f"{name}_any"] = round(float(np.nanmedian(near)), 3)
        figures[f"{name}_tenth"] = round(float(np.median(np.sort(near, axis=1)[:, -11])), 3)
        figures[f"{name}_nearest"] = round(float(np.median(np.nanmax(near, axis=1))), 3)
    return figures


class Mixer:
    """`texts`: those of the embedded passages first, then some more."""

    def __init__(self, texts: list[str], embedded: Vectors) -> None:
        self._mean = embedded.mean(axis=0)
        self._own = embedded - self._mean  # what is each one's own
        self._far = float(np.linalg.norm(self._own, axis=1).mean())
        having: dict[str, list[int]] = {}
        for number, text in enumerate(texts[: len(embedded)]):
            for word in set(_WORD.findall(text.lower())):
                having.setdefault(word, []).append(number)
        known = {w: ns for w, ns in having.items() if 2 <= len(ns) <= _COMMON * len(embedded)}
        self._rows = {word: row for row, word in enumerate(known)}
        self._words = np.array(
            [
                math.log(len(embedded) / len(ns)) * self._own[ns].mean(axis=0)
                for ns in known.values()
            ]
        )
        sums = np.array([self._sum(text) for text in texts])
        self._middle = sums.mean(axis=0)
        self._stretch = _power(np.cov(sums.T), -0.5) @ _power(np.cov(self._own.T), 0.5)

    def mix(self, texts: list[str], seed: int) -> Vectors:
        chance = np.random.default_rng(seed)
        sums = np.array([self._sum(text) for text in texts])
        towards = _unit((sums - self._middle) @ self._stretch)
        some = chance.integers(len(self._own), size=(len(texts), 8))
        weights = chance.normal(size=(len(texts), 8, 1))
        noise = _unit((self._own[some] * weights).sum(axis=1))
        own = math.sqrt(1 - _NOISE**2) * towards + _NOISE * noise
        return _unit(self._mean + self._far * own).astype(np.float32)

    def _sum(self, text: str) -> Vectors:
        words = set(_WORD.findall(text.lower()))
        rows = sorted(self._rows[word] for word in words if word in self._rows)
        return np.asarray(self._words[rows].sum(axis=0))


def _mixed(path: Path, embedded: Vectors, file: Path, count: int) -> Vectors:
    """On disk, for as many passages as were asked for until now."""
    dimensions = embedded.shape[1]
    have = file.stat().st_size // (4 * dimensions) if file.is_file() else 0
    if have < count:
        print(f"Making vectors for {count - have:,} passages …", file=sys.stderr)
        texts = (one.text for one in corpus.read(path))
        mixer = Mixer(list(islice(texts, 2 * EMBEDDED)), embedded)
        with file.open("r+b" if have else "wb") as out:
            # A run that was ended may have left a part: whole batches count.
            have = have // _AT_ONCE * _AT_ONCE
            out.truncate(have * 4 * dimensions)
            out.seek(0, 2)
            for first, batch in _batches(path, have, count):
                rows = mixer.mix([one.text for one in batch], seed=first)
                real = embedded[first : first + len(batch)]
                rows[: len(real)] = real
                out.write(rows.tobytes())
    shape = (count, dimensions)
    return np.memmap(file, dtype=np.float32, mode="r", shape=shape)


def _batches(path: Path, have: int, count: int) -> Iterator[tuple[int, list[Passage]]]:
    passages = islice(corpus.read(path), have, None)
    for first in range(have, count, _AT_ONCE):
        yield first, list(islice(passages, _AT_ONCE))


def _questions(path: Path) -> list[str]:
    """The beginnings of sentences, each from a passage of its own."""
    chance = random.Random(2)
    said = []
    for passage in corpus.read(path, EMBEDDED):
        sentences = [s for s in _SENTENCE.split(passage.text) if len(s.split()) >= _WORDS]
        if sentences:
            said.append(" ".join(chance.choice(sentences).split()[:_WORDS]))
    return chance.sample(said, QUESTIONS)


def _embedded(
    path: Path, questions: list[str], cache: Path
) -> tuple[Vectors, Vectors, VectorSpace]:
    embedder = LocalEmbedder.open(LocalEmbedderConfig())
    files = cache / "embedded.npy", cache / "asked.npy"
    if not all(file.is_file() for file in files):
        print(f"Embedding {EMBEDDED:,} passages …", file=sys.stderr)
        texts = [f"{one.title}\n{one.text}" for one in corpus.read(path, EMBEDDED)]
        passages, asked = asyncio.run(_embed(embedder, texts, questions))
        np.save(files[0], passages)
        np.save(files[1], asked)
    embedder.close()
    return np.load(files[0]), np.load(files[1]), embedder.space


async def _embed(
    embedder: LocalEmbedder, texts: list[str], questions: list[str]
) -> tuple[Vectors, Vectors]:
    passages = np.array(await embedder.embed_documents(texts), dtype=np.float32)
    asked = [await embedder.embed_query(question) for question in questions]
    return passages, np.array(asked, dtype=np.float32)


def _power(covariance: Vectors, exponent: float) -> Vectors:
    values, vectors = np.linalg.eigh(covariance)
    kept = np.maximum(values, _LEAST * values.max())
    return np.asarray((vectors * kept**exponent) @ vectors.T)


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)
