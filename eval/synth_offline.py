"""Questions without a model: headings that ask, headings as they are, and sentences that define.

The same corpus gives the same questions. They are easier than people's: their words are the
documents' own. They show that search works, and which of two settings breaks something.
"""

import re
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from answering.claims import spans
from eval.synth_passages import Passage, order, spread
from eval.synth_question import Made
from eval.words import content, words

_WORDS = Path(__file__).with_name("synth_words.toml")
_NUMBER = re.compile(r"^[\d.]+\s+")  # of a section: nobody types it
_LONGEST_SUBJECT = 6  # words
_LEAST_HEADING = 2  # content words


@dataclass(frozen=True, slots=True)
class _Definition:
    language: str
    pattern: re.Pattern[str]
    question: str


async def offline(found: AsyncIterator[Passage], seed: int) -> list[Made]:
    """In random order, one of each document first. What two passages answer is left out."""
    made = [one async for passage in found for one in _of(passage)]
    times = Counter(tuple(words(one.question)) for one in made)
    alone = (one for one in made if times[tuple(words(one.question))] == 1)
    ordered = sorted(alone, key=lambda one: order(seed, one.passage.source, one.start))
    return spread((one.passage.source, one) for one in ordered)


def _of(passage: Passage) -> Iterator[Made]:
    yield from _heading(passage)
    for start, end in spans(passage.text):
        if question := _defined(passage.text[start:end], passage.language or "en"):
            yield Made(passage, question, start, end, "definition")


def _heading(passage: Passage) -> Iterator[Made]:
    heading = _NUMBER.sub("", passage.headings[-1]) if passage.headings else ""
    if heading != passage.title and len(content(heading)) >= _LEAST_HEADING:
        yield Made(passage, heading, 0, len(passage.text), "heading")


def _defined(sentence: str, language: str) -> str:
    """The question that it answers; empty when it defines nothing."""
    words_, definitions = _words()
    for one in definitions:
        found = one.pattern.match(sentence) if one.language == language else None
        if found:
            subject = " ".join(found["subject"].split())
            first = subject.split()[0].casefold()
            if len(subject.split()) <= _LONGEST_SUBJECT and first not in words_[language]:
                return one.question.format(subject=subject)
    return ""


@cache
def _words() -> tuple[dict[str, frozenset[str]], tuple[_Definition, ...]]:
    read = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    return (
        {language: frozenset(own) for language, own in read["pronouns"].items()},
        tuple(
            _Definition(row["language"], re.compile(row["pattern"], re.IGNORECASE), row["question"])
            for row in read["definitions"]
        ),
    )
