"""Which old encoding a text is in, told by the letters that each would make of it.

An encoding scores by how much of what is not ASCII becomes a common letter of its script, and
by giving small words of a language that was written in it. What no writer would write counts
against it: Cyrillic letters inside English words, long runs of accented ones. Text with no clear
answer has none.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.tongue import language_of

_LETTERS = Path(__file__).parent / "language" / "letters.txt"
_SAMPLE = 8192
_READ = 2**20
_ENOUGH = 0.4  # of the signs beyond ASCII
_WEIGHT = 2  # of a sign that cannot be, against one that is common
_FOREIGN = re.compile(rb"[\x80-\xff]")
_BEFORE = 200  # bytes that may stand on the line before the first that is foreign
_WORDS = 0.3  # what a language that is recognised is worth
# How much of a text the letters in the file are: of Chinese not so many as of Greek.
_EXPECTED = {
    "chinese": 0.6,
    "korean": 0.65,
    "thai": 0.75,
    "japanese": 0.8,
    "cyrillic": 0.8,
    "greek": 0.8,
    "hebrew": 0.8,
    "arabic": 0.8,
}
_CAPITALS = "À-ÖØ-ÞŽŠŤĎŇČŘĚŁŚŹŻĄĆĘŃŐŰŞĞİ"
# In Latin text an accented letter stands among plain ones; in other scripts never beside one.
_LATIN = re.compile(
    rf"[^\W\d_a-zA-Z]{{3,}}|(?<=[a-z])[{_CAPITALS}]|(?<=[a-zA-Z])[¹²³¿¡£±¶¼½¾«»“„](?=[a-z])|[£¥¹³](?=[a-z])"
)
_MIXED = re.compile(r"(?<=[a-zA-Z])[^\x00-\x7f]|[^\x00-\x7f](?=[a-zA-Z])")
_IMPOSSIBLE = re.compile(r"[\x80-\x9f\ufffd\ue000-\uf8ff\uff61-\uff9f\u2500-\u259f]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    encoding: str
    script: str
    languages: frozenset[str]
    letters: frozenset[str]

    def score(self, sample: bytes) -> float:
        text = codecs.getincrementaldecoder(self.encoding)("replace").decode(sample)
        foreign = [sign for sign in text if sign > "\x7f"]
        common = sum(sign in self.letters for sign in foreign) / _EXPECTED.get(self.script, 1)
        unlikely = (_LATIN if self.script == "latin" else _MIXED).findall(text)
        wrong = sum(map(len, unlikely)) + len(_IMPOSSIBLE.findall(text))
        words = _WORDS if language_of(text) in self.languages else 0
        return (min(common, len(foreign)) - _WEIGHT * wrong) / max(len(foreign), 1) + words


def charset_of(data: bytes) -> str:
    """The name of a codec; empty when none fits."""
    sample = b"\n".join(_lines(data))[:_SAMPLE]
    score, best = max(
        ((candidate.score(sample), candidate) for candidate in _candidates()),
        key=lambda scored: scored[0],
    )
    return best.encoding if score >= _ENOUGH else ""


def _lines(data: bytes) -> Iterator[bytes]:
    """Those that say something: an English text with one name in it is decided by the name."""
    size = 0
    for line in data[:_READ].split(b"\n"):
        if size < _SAMPLE and (foreign := _FOREIGN.search(line)):
            piece = line[max(foreign.start() - _BEFORE, 0) :][:_SAMPLE]
            size += len(piece)
            yield piece


@cache
def _candidates() -> tuple[_Candidate, ...]:
    lines = _LETTERS.read_text("utf-8").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return tuple(
        _Candidate(name, script, frozenset(languages.split(",")), frozenset(signs))
        for name, script, languages, signs in rows
    )
