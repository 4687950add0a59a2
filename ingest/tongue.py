"""Which language a text is in: by its script where that decides, else by its small words.

A sample is enough. Empty when unsure: a wrong language is worse than none.
"""

import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

_WORDS = Path(__file__).parent / "language" / "words.txt"
_SAMPLE = 320  # signs from each of three places
_FEWEST = 12  # letters
_HITS = 2.0  # small words that decide, where each counts less the more languages have it
_SHARE = 0.08  # of the words that are small words of the language, at least
_LEAD = 1.4  # over the second
_NO_WORD = str.maketrans(
    dict.fromkeys('0123456789!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~“”„«»…–—¿¡।،؛؟', " ")
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# Scripts of one language, or of one that is by far the commonest in them.
_SCRIPTS = {
    code: re.compile(f"[{letters}]")
    for code, letters in {
        "ja": "\u3040-\u30ff",
        "zh": _HAN,
        "ko": "\u1100-\u11ff\uac00-\ud7af",
        "el": "\u0370-\u03ff\u1f00-\u1fff",
        "he": "\u0590-\u05ff",
        "th": "\u0e00-\u0e7f",
        "hy": "\u0530-\u058f",
        "ka": "\u10a0-\u10ff",
        "bn": "\u0980-\u09ff",
        "pa": "\u0a00-\u0a7f",
        "gu": "\u0a80-\u0aff",
        "ta": "\u0b80-\u0bff",
        "te": "\u0c00-\u0c7f",
        "kn": "\u0c80-\u0cff",
        "ml": "\u0d00-\u0d7f",
        "si": "\u0d80-\u0dff",
        "lo": "\u0e80-\u0eff",
        "my": "\u1000-\u109f",
        "km": "\u1780-\u17ff",
        "am": "\u1200-\u137f",
    }.items()
}
_MOST = 0.4  # of all letters: the script of the text
_KANA = 0.04  # Japanese has at least so much of it among its Chinese characters


def language_of(text: str) -> str:
    """ISO 639-1."""
    sample = _sample(text)
    words = sample.lower().translate(_NO_WORD).split()
    letters = sum(map(len, words))
    foreign = len(sample) - len(sample.encode("ascii", "ignore"))
    code = _by_script(sample, letters) if foreign > _MOST * letters else ""
    return code or (_by_words(words) if letters >= _FEWEST else "")


def _sample(text: str) -> str:
    if len(text) <= 3 * _SAMPLE:
        return text
    middle = len(text) // 2
    return " ".join((text[:_SAMPLE], text[middle : middle + _SAMPLE], text[-_SAMPLE:]))


def _by_script(sample: str, letters: int) -> str:
    found = {code: len(script.findall(sample)) for code, script in _SCRIPTS.items()}
    if found["ja"] > _KANA * (found["ja"] + found["zh"]):
        found["ja"] += found["zh"]
        found["zh"] = 0
    code = max(found, key=found.__getitem__)
    return code if found[code] >= _MOST * letters else ""


def _by_words(words: list[str]) -> str:
    known = _languages()
    scores: defaultdict[str, float] = defaultdict(float)
    hits: defaultdict[str, int] = defaultdict(int)
    for word, times in Counter(filter(known.__contains__, words)).items():
        languages = known[word]
        # a word that comes again and again says little more than one that comes twice
        worth = min(times, 2 + times**0.5) / len(languages)
        for code in languages:
            scores[code] += worth
            hits[code] += times
    score, best = max(((score, code) for code, score in scores.items()), default=(0.0, ""))
    second = max((score for code, score in scores.items() if code != best), default=0.0)
    sure = score >= max(_HITS, _LEAD * second) and hits[best] >= _SHARE * len(words)
    return best if sure else ""


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    """Word → the languages that have it among their commonest."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _WORDS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, *words = line.split()
            for word in dict.fromkeys(words):
                found[word] = (*found.get(word, ()), code)
    return found
