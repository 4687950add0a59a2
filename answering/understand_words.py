"""Follow-ups without a model: whether a question refers back, and the words it then lacks.

A rule of thumb for a service that has no chat model. It counts content words by the analyser that
the search itself uses; the words that refer back are listed for some languages.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from retrieval.bm25 import tokens
from retrieval.must import insisted

_FEW = 1  # content words: such a question says hardly anything by itself
_SOME = 4  # with more, a word that seems to refer back may as well be an ordinary "it"
_BACK = 3  # questions that are looked at, the latest first
_MOST = 12  # words that are taken over
_WORD = re.compile(r"\w+(?:[-.'’/]\w+)*")
_ENGLISH = "en"  # what the analyser, too, takes an unknown language for


@dataclass(frozen=True, slots=True)
class _Signs:
    refers: frozenset[str]
    opens: tuple[str, ...]


def joined(question: str, earlier: Sequence[str], language: str = "") -> tuple[str, ...]:
    """Content words of the earlier questions, oldest first, that a follow-up is to be read with."""
    taken: list[str] = []
    said = question
    for before in reversed(earlier[-_BACK:]):
        if not follows_up(said, language):
            break
        taken = [*_lacking(before, (*_WORD.findall(question), *taken), language), *taken]
        said = before
    return tuple(taken[-_MOST:])


def follows_up(question: str, language: str = "") -> bool:
    content = len(tokens(question, language))
    if content <= _FEW and not insisted(question):
        return True
    return content <= _SOME and _refers_back(question, language)


def _lacking(before: str, said: Sequence[str], language: str) -> list[str]:
    """Content words of `before` that are not said yet. Who names a code means no other."""
    known = {word.casefold() for word in said}
    if insisted(" ".join(said)).codes:
        known |= {code.casefold() for code in insisted(before).codes}
    words = dict.fromkeys(word for word in _WORD.findall(before) if tokens(word, language))
    return [word for word in words if word.casefold() not in known]


def _refers_back(question: str, language: str) -> bool:
    signs = _signs().get(language) or _signs()[_ENGLISH]
    words = [word.casefold() for word in _WORD.findall(question)]
    opening = " ".join(words) + " "
    return not signs.refers.isdisjoint(words) or opening.startswith(signs.opens)


@cache
def _signs() -> dict[str, _Signs]:
    text = files("answering").joinpath("understand_words.toml").read_text("utf-8")
    return {
        language: _Signs(
            frozenset(words["refers"].split()), tuple(f"{one} " for one in words["opens"])
        )
        for language, words in tomllib.loads(text).items()
    }
