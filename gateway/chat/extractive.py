"""Answers without a model: the sentences of the shown passages that answer best, word for word.

A sentence is judged by how much of the question's content it (with its passage's heading)
covers, rare words counting more, and by how near its vector is to the question's. When the
best is not good enough, the answer is that the documents do not say. How weights and threshold
were found, and how often it errs, stands in eval/LOG.md.
"""

import math
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

import snowballstemmer

from domain.answers import NOT_FOUND
from domain.completion import ChatRequest, Completion, Delta, Usage
from domain.errors import InvalidInput
from domain.ports import Embedder
from domain.prompt import Evidence
from gateway.sentences import sentences

_WORD = re.compile(r"\w+(?:[-.]\w+)*")
# headings, the line under a table's head, a fence whose other end is elsewhere
_NO_SENTENCE = re.compile(r"#|\|?[\s|:-]*$|(?:```|~~~)\w*$")
_TABLE_HEAD = re.compile(r"^[ \t]*(\|.*)\n[ \t]*\|[ \t|:-]*-[ \t|:-]*$", re.MULTILINE)
_BLOCKS = ("|", "```", "~~~")  # table rows and code keep their line ends
_MARKER = re.compile(r"\[(?=\d+(?:\s*,\s*\d+)*\])([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class ExtractiveConfig:
    dense_weight: float = 0.6
    threshold: float = 0.48
    most: int = 3  # sentences of an answer
    near: float = 0.1  # what else is said may score this much less than the best
    pair_cost: float = 0.06  # what a second sentence must bring to be worth saying
    embedded: int = 16  # sentences, the lexically best, that are compared as vectors


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence or two that follow each other, where they stand, how well they answer."""

    label: int
    start: int
    text: str
    sentences: int
    score: float

    @property
    def block(self) -> bool:
        return self.text.startswith(_BLOCKS)

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def overlaps(self, other: "Candidate") -> bool:
        return self.label == other.label and self.start < other.end and other.start < self.end


class Extractive:
    """Implements domain.ports.ChatModel."""

    name = "extractive"

    def __init__(self, embedder: Embedder, config: ExtractiveConfig | None = None) -> None:
        self._embedder = embedder
        self._config = config or ExtractiveConfig()

    async def complete(self, request: ChatRequest) -> Completion:
        if request.prompt.schema:
            raise InvalidInput(
                "No model answers here, and sentences of documents fit no schema. Leave it out, "
                "or set OPENAI_API_KEY.",
                field="schema",
            )
        pieces = await self._pieces(request)
        return Completion("".join(pieces), "stop", self.name, Usage(), cost_microdollars=0)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        pieces = await self._pieces(request)
        for piece in pieces:
            yield Delta(piece)
        yield Completion("".join(pieces), "stop", self.name, Usage(), cost_microdollars=0)

    async def check(self) -> None:
        """It is always there."""

    async def candidates(self, question: str, evidence: Sequence[Evidence]) -> list[Candidate]:
        """The sentences worth comparing, best first."""
        rough = lexical(question, evidence, self._config.embedded)
        if not rough:
            return []
        asked = await self._embedder.embed_query(question)
        vectors = await self._embedder.embed_documents([one.text for one in rough])
        scored = [
            replace(one, score=self._score(one, float(vector @ asked)))
            for one, vector in zip(rough, vectors, strict=True)
        ]
        return sorted(scored, key=lambda one: (-one.score, one.label, one.start))

    def _score(self, one: Candidate, nearness: float) -> float:
        weight = self._config.dense_weight
        cost = self._config.pair_cost * (one.sentences - 1)
        return (1 - weight) * one.score + weight * nearness - cost

    async def _pieces(self, request: ChatRequest) -> list[str]:
        config, prompt = self._config, request.prompt
        ranked = await self.candidates(prompt.question, prompt.evidence)
        if not ranked or ranked[0].score < config.threshold:
            return [NOT_FOUND]
        chosen: list[Candidate] = []
        for one in ranked:
            room = config.most - sum(other.sentences for other in chosen)
            new = not any(one.overlaps(other) or one.text == other.text for other in chosen)
            if one.score >= ranked[0].score - config.near and one.sentences <= room and new:
                chosen.append(one)
        chosen[1:] = sorted(chosen[1:], key=lambda one: (one.label, one.start))
        return [_said(one, before) for before, one in pairwise([None, *chosen]) if one]


def lexical(question: str, evidence: Sequence[Evidence], most: int) -> list[Candidate]:
    """The sentences that cover most of the question, and the pairs that they are part of."""
    asked = _content(question)
    units = _distinct(unit for item in evidence for unit in _units(item))
    seen = Counter(word for unit in units for word in unit.words & asked)
    rarity = {word: math.log(1 + (len(units) + 0.5) / (seen[word] + 0.5)) for word in asked}
    whole = sum(rarity.values()) or 1.0

    def candidate(*parts: _Unit) -> Candidate:
        words = asked & set().union(*(part.words for part in parts))
        covered = sum(rarity[word] for word in words) / whole
        text = parts[0].item.chunk.text[parts[0].start : parts[-1].end]
        return Candidate(parts[0].item.label, parts[0].start, text, len(parts), covered)

    best = sorted(units, key=lambda unit: -candidate(unit).score)[:most]
    leading = set(best[: most // 2])
    pairs = [
        pair for pair in pairwise(units) if pair[0].continued_by(pair[1]) and leading & set(pair)
    ]
    return [*map(candidate, best), *(candidate(*pair) for pair in pairs)]


class _Unit:
    """A sentence in its passage, with its content words and those of the headings above it."""

    def __init__(self, item: Evidence, start: int, end: int, head: str) -> None:
        self.item = item
        self.start = start
        self.end = end
        self.text = item.chunk.text[start:end]
        self.words = _content(self.text) | _content(item.chunk.where) | _content(head)

    def continued_by(self, other: "_Unit") -> bool:
        """In the same paragraph, nothing between them."""
        between = self.item.chunk.text[self.end : other.start]
        together = self.item is other.item and self.block == other.block
        return together and not between.strip() and between.count("\n") <= 1

    @property
    def block(self) -> bool:
        return self.text.startswith(_BLOCKS)


def _units(item: Evidence) -> Iterable[_Unit]:
    """Its sentences. The head of a table answers nothing, but its words stand above each row."""
    text = item.chunk.text
    heads = {head.start(1): head[1] for head in _TABLE_HEAD.finditer(text)}
    head = ""
    for start, end in sentences(text):
        if text[start] != "|":
            head = ""
        elif start in heads:
            head = heads[start]
            continue
        if not _NO_SENTENCE.match(text[start:end]):
            yield _Unit(item, start, end, head)


def _distinct(units: Iterable[_Unit]) -> list[_Unit]:
    """Of sentences that read the same, the first."""
    seen: dict[str, _Unit] = {}
    for unit in units:
        seen.setdefault(" ".join(unit.text.split()), unit)
    return list(seen.values())


def _content(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower())} - _stop_words()


def _said(one: Candidate, before: Candidate | None) -> str:
    text = one.text if one.block else " ".join(one.text.split())
    # A number in brackets that the document itself says must not read as a citation of ours.
    text = _MARKER.sub(r"[ \1 ]", text)
    gap = "\n" if before and (one.block or before.block) else " " if before else ""
    after = " " if text.endswith("|") or not one.block else "\n"  # the end of a fence stands alone
    return f"{gap}{text}{after}[{one.label}]"


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
