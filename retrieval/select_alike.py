"""How alike passages are, by their words alone: what repeats another, and what is most different.

Knows texts and their ranks; neither vectors nor scores, nor a language.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

Shingle = tuple[str, ...]  # three words in a row

_LETTERS_A_WORD = 12  # more on average, and the script writes its words without blanks
_LEAST = 8  # shingles: a shorter text is compared as a whole
_STRIDE = 4  # words between two shingles by which a text is found again
_PROBES = 8  # places of a text at which it is compared first
_AGREE = 3  # of them
_NUMBER = re.compile(r"\d+")
_REMEMBERED = 2048  # texts: some 6 MB
_MARKS = ".,:;!?()[]{}'\"“”*"


@dataclass(frozen=True)
class Said:
    """A text without its case and its white space."""

    text: str

    @cached_property
    def words(self) -> Sequence[str]:
        words = self.text.split()
        return self.text if len(self.text) > _LETTERS_A_WORD * len(words) else words


def said(text: str) -> Said:
    return Said(_folded(text))


@lru_cache(maxsize=_REMEMBERED)
def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


class Repeats:
    """The texts that were taken; a further one that says little else repeats one of them."""

    def __init__(self, share: float) -> None:
        self._share = share  # of its shingles that another text has, too
        self._taken: list[Said] = []
        self._texts: dict[str, int] = {}
        self._owners: dict[Shingle, int] = {}
        self._shingles: dict[int, frozenset[Shingle]] = {}  # of those that were looked at

    def add(self, one: Said) -> None:
        number = len(self._taken)
        self._taken.append(one)
        self._texts[one.text] = number
        if self._share < 1:
            found_by = _shingles(one.words, 0, _STRIDE)
            self._owners.update(zip(found_by, repeat(number), strict=False))

    def same(self, one: Said) -> int | None:
        """Which one has the same text."""
        return self._texts.get(one.text)

    def nearly(self, one: Said) -> int | None:
        """Which one says nearly all of it. Who says another number says another thing."""
        if not self._owners:
            return None
        for number in self._alike(one):
            other = self._taken[number]
            if number not in self._shingles:
                self._shingles[number] = frozenset(_shingles(other.words))
            own = frozenset(_shingles(one.words))
            common = len(own & self._shingles[number])
            if common >= max(_LEAST, self._share * len(own)) and _figures(one) <= _figures(other):
                return number
        return None

    def _alike(self, one: Said) -> Iterator[int]:
        """Those that share a stretch with it at several places; most texts share none.

        Of so many shingles in a row, one is among those by which the other is found.
        """
        apart = max(1, len(one.words) // _PROBES)
        probes = (_shingles(one.words, first, apart) for first in range(min(_STRIDE, apart)))
        owners = map(self._owners.get, chain.from_iterable(probes))
        shared = Counter(number for number in owners if number is not None)
        return (number for number, places in shared.most_common() if places >= _AGREE)


def _shingles(words: Sequence[str], first: int = 0, step: int = 1) -> Iterator[Shingle]:
    return zip(words[first::step], words[first + 1 :: step], words[first + 2 :: step], strict=False)


def _figures(one: Said) -> set[str]:
    """Its numbers, and its words that have one in them."""
    if isinstance(one.words, str):
        return set(_NUMBER.findall(one.words))
    marked = (word for word in one.words if not word.isalpha())
    return {word.strip(_MARKS) for word in marked if any(map(str.isdigit, word))}


def diverse(texts: Sequence[Said], relevance: float) -> list[int]:
    """The order by maximal marginal relevance: 1 keeps the ranks, 0 looks for what is new alone.

    Relevance is the rank: scores of different steps cannot be compared.
    """
    alike = _alikeness([one.words for one in texts])
    worth = relevance * (1 - np.arange(len(texts)) / max(1, len(texts)))
    nearest = np.zeros(len(texts))
    order: list[int] = []
    while len(order) < len(texts):
        best = int(np.argmax(worth - (1 - relevance) * nearest))
        order.append(best)
        worth[best] = -np.inf
        nearest = np.maximum(nearest, alike[best])
    return order


def _alikeness(texts: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Cosines of tf·idf: a word that stands in all of them tells none apart."""
    counts = [Counter(words) for words in texts]
    spread = Counter(chain.from_iterable(counts))
    column = {word: place for place, word in enumerate(spread)}
    weights = np.zeros((len(texts), len(column)))
    for row, own in zip(weights, counts, strict=True):
        row[[column[word] for word in own]] = list(own.values())
    weights *= np.log((1 + len(texts)) / np.fromiter(spread.values(), float, len(spread)))
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-9)
    return weights @ weights.T
