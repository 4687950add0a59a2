"""Orders the best candidates anew by what they say together: no model, no new weights.

A passage gains when those that are like it stand high (passages on one matter are relevant
together), when one of the best names it by its title (an answer in two steps: the first passage
leads to the second), and when the question names it. Pure; knows no store.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from domain.documents import Chunk, content_title
from domain.hits import Found, Hit
from retrieval.configs import Refinement

if TYPE_CHECKING:
    from domain.vectors import Vector

_NAMING = 5  # of the best passages are read for titles
_FADE = 0.3  # how much less each further one of them says
_MIDDLING = 0.1  # how far, beside what is like it, a passage's surroundings are held to be middling
_SHORTEST_TITLE = 4  # letters
_TITLES, _TEXTS = 16384, 2048  # of passages, read once: some megabytes each
_WORD = re.compile(r"\w+")
_ASIDE = re.compile(r"\(.*?\)")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage's words, each between blanks, and every one of them."""

    words: str
    each: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Title:
    words: str
    lower: str
    longest: str  # of the words: looked for first, which is quick, since most texts lack it


def refine(
    question: str, hits: Sequence[Hit], vectors: "Sequence[Vector]", how: Refinement
) -> list[Hit]:
    """`hits` are ranked. Those behind the first `among` stay behind them."""
    first = hits[: how.among]
    if not first:
        return []
    scores = np.array([hit.score for hit in first])
    alike = how.alike * _alike(scores, vectors[: how.among])
    titles = [_title(hit.chunk.title, hit.chunk.source) for hit in first]
    order = np.argsort(-(scores + alike), kind="stable")[:_NAMING]
    named = how.named * _named([hit.chunk for hit in first], titles, order.tolist())
    asked = how.asked * _asked(_words(question.lower()), titles)
    total = scores + alike + named + asked
    added, summed = _signals(alike=alike, named=named, asked=asked), total.tolist()
    refined = [
        _refined(first[i], i + 1, summed[i], added[i])
        for i in np.argsort(-total, kind="stable").tolist()
    ]
    return refined + _behind(refined[-1].score, hits, how.among)


def _alike(scores: Floats, vectors: "Sequence[Vector]") -> Floats:
    """The mean height of the others, weighted by how like they are; standardised. What is like
    none of them would go by a faint likeness to one: it gains nothing and loses nothing.
    """
    rows = np.concatenate(vectors).reshape(len(vectors), -1)
    likeness = rows @ rows.T
    likeness = np.maximum(likeness - likeness.mean(), 0.0) ** 2
    np.fill_diagonal(likeness, 0.0)
    height = scores - scores.min()
    weight = likeness.sum(axis=1)
    middling = _MIDDLING * weight.mean()
    around = (likeness @ height + middling * height.mean()) / np.maximum(weight + middling, 1e-9)
    spread: Floats = (around - around.mean()) / (around.std() or 1.0)
    return spread


def _named(chunks: Sequence[Chunk], titles: Sequence[_Title], best: Sequence[int]) -> Floats:
    """By the highest of the best passages that names it, itself left out. Case counts: a text
    that speaks of backups does not name the document "Backups".
    """
    named = [0.0] * len(chunks)
    for place, i in enumerate(best):
        read, own, worth = _read(chunks[i].text), chunks[i].document_id, 1 / (1 + _FADE * place)
        for k in [k for k, title in enumerate(titles) if title.longest in read.each]:
            if not named[k] and titles[k].words in read.words and chunks[k].document_id != own:
                named[k] = worth  # the first of the best says the most
    return np.array(named)


def _asked(question: str, titles: Sequence[_Title]) -> Floats:
    return np.array([1.0 if title.lower and title.lower in question else 0.0 for title in titles])


@lru_cache(maxsize=_TITLES)
def _title(title: str, source: str) -> _Title:
    """Empty when it says nothing: a file's name, or a very short word."""
    words = _words(_ASIDE.sub("", content_title(title, source)))
    if len(words.strip()) < _SHORTEST_TITLE:
        return _Title("", "", "")
    return _Title(words, words.lower(), max(words.split(), key=len))


@lru_cache(maxsize=_TEXTS)
def _read(text: str) -> _Read:
    words = _words(text)
    return _Read(words, frozenset(words.split()))


def _words(text: str) -> str:
    """Its words alone, each between blanks."""
    return f" {' '.join(_WORD.findall(text))} "


def _signals(**added: Floats) -> list[dict[str, float]]:
    """Those that are not nothing, a hit each."""
    rows = zip(*(values.round(4).tolist() for values in added.values()), strict=True)
    return [{name: v for name, v in zip(added, row, strict=True) if v} for row in rows]


def _refined(hit: Hit, rank: int, score: float, signals: dict[str, float]) -> Hit:
    # `replace` takes twice as long, for each of the candidates.
    return Hit(
        chunk=hit.chunk,
        score=score,
        found_by=hit.found_by,
        fused=Found(rank, hit.score),
        signals=signals,
        collection=hit.collection,
    )


def _behind(lowest: float, hits: Sequence[Hit], among: int) -> list[Hit]:
    """Their order kept, no score above the lowest of those before them."""
    shift = min(0.0, lowest - hits[among].score) if len(hits) > among else 0.0
    return [
        _refined(hit, rank, hit.score + shift, {})
        for rank, hit in enumerate(hits[among:], start=among + 1)
    ]
