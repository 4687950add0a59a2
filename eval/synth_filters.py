"""Why a made-up question is no good: it betrays its passage, repeats it, or its title answers it.

Looks at words alone, so it is the same in every run. What these let through may still be trivial.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from eval.words import content, dice, longest_run, share, words

_WORDS = Path(__file__).with_name("synth_words.toml")
_LEAST = 3  # words of a question
_LIKE = 0.6  # Dice's coefficient of the content words
_RUN = 5  # words in a row, when they are more than half of the question
_HALF = 0.5


def fault(question: str, quote: str, answer: str, where: str) -> str:
    """In a word; empty when there is none. `where`: title and headings of the passage."""
    asked = words(question)
    if len(asked) < _LEAST:
        return "short"
    if leaks(question):
        return "leaks"
    if share(content(answer or quote), content(where)) == 1:
        return "title"
    run = longest_run(asked, words(quote))
    long_run = run >= _RUN and run > _HALF * len(asked)
    if long_run or dice(content(question), content(quote)) >= _LIKE:
        return "copied"
    return ""


def leaks(question: str) -> bool:
    return any(pattern.search(question) for pattern in _leaks())


def located(quote: str, text: str) -> tuple[int, int] | None:
    """White space may differ: a model writes a line where the passage has two."""
    parts = quote.split()
    found = re.search(r"\s+".join(map(re.escape, parts)), text) if parts else None
    return found.span() if found else None


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Of the shorter one."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, common) / min(one[1] - one[0], other[1] - other[0])


@cache
def _leaks() -> tuple[re.Pattern[str], ...]:
    patterns = tomllib.loads(_WORDS.read_text(encoding="utf-8"))["leaks"]
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
