"""Answers without a model: the sentences of the shown passages that answer best, word for word.

A sentence is judged by how much of the question's content it (with its passage's heading)
covers, rare words counting more, and by how near its vector is to the question's. When the
best is not good enough, the answer is that the documents do not say. How weights and threshold
were found, and how often it errs, stands in eval/LOG.md.
"""

import math
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import snowballstemmer

from domain.answers import NOT_FOUND
from domain.completion import ChatRequest, Completion, Delta, Usage
from domain.ports import Embedder
from domain.prompt import Evidence
from gateway.sentences import sentences

_WORD = re.compile(r"\w+(?:[-.]\w+)*")
_NO_SENTENCE = re.compile(r"#|\|?[\s|:-]*$")  # headings, the line under a table's head


@dataclass(frozen=True, slots=True)
class ExtractiveConfig:
    dense_weight: float = 0.6
    threshold: float = 0.48
    most: int = 3  # sentences of an answer
    near: float = 0.1  # what else is said may score this much less than the best
    embedded: int = 24  # sentences, the lexically best, that are compared as vectors


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, where it stands, and how well it answers."""

    label: int
    start: int
    text: str
    score: float


class Extractive:
    """Implements domain.ports.ChatModel."""

    name = "extractive"

    def __init__(self, embedder: Embedder, config: ExtractiveConfig | None = None) -> None:
        self._embedder = embedder
        self._config = config or ExtractiveConfig()

    async def complete(self, request: ChatRequest) -> Completion:
        pieces = await self._pieces(request)
        return Completion("".join(pieces), "stop", self.name, Usage(), cost_microdollars=0)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta | Completion]:
        pieces = await self._pieces(request)
        for piece in pieces:
            yield Delta(piece)
        yield Completion("".join(pieces), "stop", self.name, Usage(), cost_microdollars=0)

    async def check(self) -> None:
        """It is always there."""

    async def candidates(self, question: str, evidence: Sequence[Evidence]) -> list[Candidate]:
        """The sentences worth comparing, best first."""
        rough = lexical(question, evidence)[: self._config.embedded]
        if not rough:
            return []
        asked = await self._embedder.embed_query(question)
        vectors = await self._embedder.embed_documents([one.text for one in rough])
        weight = self._config.dense_weight
        scored = [
            Candidate(
                one.label,
                one.start,
                one.text,
                (1 - weight) * one.score + weight * float(vector @ asked),
            )
            for one, vector in zip(rough, vectors, strict=True)
        ]
        return sorted(scored, key=lambda one: -one.score)

    async def _pieces(self, request: ChatRequest) -> list[str]:
        config, prompt = self._config, request.prompt
        ranked = await self.candidates(prompt.question, prompt.evidence)
        if not ranked or ranked[0].score < config.threshold:
            return [NOT_FOUND]
        floor = ranked[0].score - config.near
        chosen = [one for one in ranked[: config.most] if one.score >= floor]
        chosen.sort(key=lambda one: (one.label != ranked[0].label, one.label, one.start))
        return [_said(one, first=i == 0) for i, one in enumerate(chosen)]


def lexical(question: str, evidence: Sequence[Evidence]) -> list[Candidate]:
    """Every distinct sentence with the share of the question that it covers, best first."""
    asked = _content(question)
    found = _sentences(evidence)
    words = [(_content(text) | _content(item.chunk.where), item) for text, item, _ in found]
    seen = Counter(word for own, _ in words for word in own & asked)
    rarity = {word: math.log(1 + (len(found) + 0.5) / (seen[word] + 0.5)) for word in asked}
    whole = sum(rarity.values()) or 1.0
    scored = [
        Candidate(item.label, start, text, sum(rarity[word] for word in own & asked) / whole)
        for (text, item, start), (own, _) in zip(found, words, strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.score, one.label, one.start))


def _sentences(evidence: Sequence[Evidence]) -> list[tuple[str, Evidence, int]]:
    found: dict[str, tuple[str, Evidence, int]] = {}
    for item in evidence:
        for start, end in sentences(item.chunk.text):
            text = item.chunk.text[start:end]
            if not _NO_SENTENCE.match(text):
                found.setdefault(" ".join(text.split()), (text, item, start))
    return list(found.values())


def _content(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower())} - _stop_words()


def _said(one: Candidate, *, first: bool) -> str:
    text = " ".join(one.text.split()) if not one.text.startswith("|") else one.text
    return f"{'' if first else ' '}{text} [{one.label}]"


@cache
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@cache
def _stop_words() -> frozenset[str]:
    text = files("gateway").joinpath("stop_words.txt").read_text("utf-8")
    return frozenset(_stem(word) for word in text.split())
