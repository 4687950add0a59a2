"""Orders the best candidates anew by what they say together: no model, no new weights.

A passage gains when those that are like it stand high (passages on one matter are relevant
together), when one of the best names it by its title (an answer in two steps: the first passage
leads to the second), and when the question names it. Pure; knows no store.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from domain.documents import Chunk, content_title
from domain.hits import Found, Hit

if TYPE_CHECKING:
    from domain.vectors import Vector

_NAMING = 5  # of the best passages are read for titles
_FADE = 0.3  # how much less each further one of them says
_SHORTEST_TITLE = 4  # letters
_WORD = re.compile(r"\w+")
_ASIDE = re.compile(r"\(.*?\)")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Refinement:
    """What each sign adds, beside standardised scores. Chosen by cross-validation over data sets:
    see eval/LOG.md.
    """

    among: int = 60  # of the best candidates
    alike: float = 0.2
    named: float = 1.0
    asked: float = 0.5


def refine(
    question: str, hits: Sequence[Hit], vectors: "Sequence[Vector]", how: Refinement
) -> list[Hit]:
    """`hits` are ranked. Those behind the first `among` stay behind them."""
    best = [replace(hit, fused=Found(rank, hit.score)) for rank, hit in enumerate(hits, start=1)]
    first = hits[: how.among]
    if not first:
        return []
    scores = np.array([hit.score for hit in first])
    alike = how.alike * _alike(scores, np.stack(vectors[: how.among]))
    titles = [_title(hit.chunk) for hit in first]
    order = np.argsort(-(scores + alike), kind="stable")[:_NAMING]
    named = how.named * _named([hit.chunk for hit in first], titles, order.tolist())
    asked = how.asked * _holds(_words(question.lower()), [title.lower() for title in titles])
    total = scores + alike + named + asked
    ranked = np.argsort(-total, kind="stable").tolist()
    refined = [
        replace(
            best[i],
            score=float(total[i]),
            signals=_said(alike=alike[i], named=named[i], asked=asked[i]),
        )
        for i in ranked
    ]
    return refined + _behind(refined[-1].score, best[how.among :])


def _alike(scores: Floats, vectors: NDArray[np.float32]) -> Floats:
    """The mean height of the others, weighted by how like they are; standardised."""
    likeness = vectors @ vectors.T
    likeness = np.maximum(likeness - likeness.mean(), 0.0) ** 2
    np.fill_diagonal(likeness, 0.0)
    height = scores - scores.min()
    around = likeness @ height / np.maximum(likeness.sum(axis=1), 1e-9)
    spread: Floats = (around - around.mean()) / (around.std() or 1.0)
    return spread


def _named(chunks: Sequence[Chunk], titles: Sequence[str], best: Sequence[int]) -> Floats:
    """By the highest of the best passages that names it, itself left out. Case counts: a text
    that speaks of backups does not name the document "Backups".
    """
    named = np.zeros(len(chunks))
    for place, i in enumerate(best):
        others = [
            title if chunk.document_id != chunks[i].document_id else ""
            for chunk, title in zip(chunks, titles, strict=True)
        ]
        here = _holds(_words(chunks[i].text), others)
        named = np.maximum(named, here / (1 + _FADE * place))
    return named


def _holds(text: str, titles: Sequence[str]) -> Floats:
    return np.array([1.0 if title and title in text else 0.0 for title in titles])


def _title(chunk: Chunk) -> str:
    """Empty when it says nothing: a file's name, or a very short word."""
    title = _words(_ASIDE.sub("", content_title(chunk.title, chunk.source)))
    return title if len(title.strip()) >= _SHORTEST_TITLE else ""


def _words(text: str) -> str:
    """Its words alone, each between blanks."""
    return f" {' '.join(_WORD.findall(text))} "


def _said(**signals: float) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in signals.items() if value}


def _behind(lowest: float, rest: Sequence[Hit]) -> list[Hit]:
    """Their order kept, no score above the lowest of those before them."""
    shift = min(0.0, lowest - rest[0].score) if rest else 0.0
    return [replace(hit, score=hit.score + shift) for hit in rest]
