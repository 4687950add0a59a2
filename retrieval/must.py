"""What a question insists on: phrases in quotes, and codes such as ERR-4021 or config.yaml.

A quoted phrase must be there: passages without it go, unless no passage has it. A code is a
wish: passages with it come first. Knows neither stores nor scores: it orders what was found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from domain.answers import Dropped
from domain.counted import counted
from domain.hits import Hit

Insist = Literal["off", "prefer", "must"]

_MOST = 8  # of either; a question with more of them is a pasted log, which insists on nothing
_AHEAD = 2  # signs that a pattern looks at behind its end
_SHOWN = 60  # characters of a phrase, in a note

# Thai to Khmer, Chinese, Japanese and Korean: no blank tells where a word ends.
_UNPARTED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003134f"
)
_LETTER = rf"[^\W{_UNPARTED}]"
_QUOTE = re.compile('["“”„«»「『]')
_QUOTED = re.compile(
    rf'(?<!{_LETTER})["”](?=\S)([^"“”\n]*[^\s"“”])["”](?!{_LETTER})'  # neither 5" nor a"b
    r"|“([^“”„]+)”|„([^„“”]+)[“”]|«([^«»]+)»|»([^«»]+)«|「([^「」]+)」|『([^『』]+)』"
)
_END_OF_SENTENCE = " .,;:!?…。、，！？"  # stands within the quotes, belongs to who quotes
_ACCENTS = re.compile("[\u0300-\u036f]")
_ALIKE = (
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("‘’ʼ´", "'")
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("*`", " ")  # marks of Markdown
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")  # unseen
)
_SIGN = re.compile(f"[{''.join(_ALIKE)}]")
_ASCII = str.maketrans({sign: alike for sign, alike in _ALIKE.items() if sign.isascii()})  # faster
_WORD = re.compile(r"\d+|[^\W\d_]+")

_SIGN_OF_CODE = re.compile(r"[\d_.:@]")
_TOKEN = re.compile(rf"{_LETTER}+(?:(?:[-.@]|::){_LETTER}+)*")
_ALPHABETIC = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_IDENTIFIER = re.compile(r"[^\W_]_+[^\W_]|::|@[^@]*\.")
_HEX = re.compile(r"0x[0-9a-f]+|[0-9a-f]{7,}", re.IGNORECASE)
_ORDINARY = re.compile(
    r"\d+(?:\.\d+)?[^\W\d_]*(?:[-.][^\W\d_]+)*"  # 1990s, 3.5mm, 20-year-old, 10.ª
    r"|[^\W\d_]\..*|[^\W\d_]{2}\.[^\W\d_]{1,2}"  # e.g, U.S.A, J.K.Rowling, Ph.D
    r"|[^\W\d_]+\.\d+|[^.]+\.[A-Z][^.]*"  # Fig.3, and fail.Why without its blank
)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]\d\d|20\d\d)(?!\d)")
_DATE = re.compile(r"\d{1,2}([-.])\d{1,2}\1\d{4}|\d{4}([-.])\d{1,2}\2\d{1,2}")
_MILLIONS = re.compile(r"\d{1,3}\.\d{3}\.\d{3}")
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_PART_NUMBER = 7  # digits: also of an ISBN, a telephone number
_UPPER, _LOWER = 3, 4  # digits that make capitals a code, and other letters


@dataclass(frozen=True, slots=True)
class Must:
    phrases: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases or self.codes)


@dataclass(frozen=True, slots=True)
class Held:
    """Which of the phrases and of the codes a passage holds, in their order."""

    phrases: tuple[bool, ...]
    codes: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    hits: tuple[Hit, ...]
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()


def insisted(question: str, *rewritten: str) -> Must:
    """Phrases are the user's own; a code may come from the conversation, by a rewriting."""
    phrases, rest = _parted(question)
    codes = [code for text in dict.fromkeys((rest, *rewritten)) for code in _codes(text)]
    return Must(_first(phrases), _first(codes))


def held(must: Must, texts: Iterable[str]) -> list[Held]:
    phrases = [_Wanted(phrase, _phrase_pattern) for phrase in must.phrases]
    codes = [_Wanted(code, _code_pattern) for code in must.codes]
    return [
        Held(tuple(one.within(read) for one in phrases), tuple(one.within(read) for one in codes))
        for read in (_read(text, [*phrases, *codes]) for text in texts)
    ]


def _read(text: str, wanted: "Sequence[_Wanted]") -> str:
    """Folded, but for what holds no word that is looked for: most passages, and folding is slow."""
    if text.isascii():
        lower = text.lower()
        if not any(one.word in lower for one in wanted):
            return ""
    return folded(text)


def keep(must: Must, hits: Sequence[Hit], insist: Insist = "must") -> Kept:
    """The hits as the question wants them. `insist`: its phrases too may be but a wish."""
    if insist == "off" or not must or not hits:
        return Kept(tuple(hits))
    found = held(must, [hit.chunk.indexed_text for hit in hits])
    order = _order([(*one.phrases, *one.codes) for one in found])
    somewhere = [i for i in range(len(must.phrases)) if any(one.phrases[i] for one in found)]
    lacks = [[must.phrases[i] for i in somewhere if not one.phrases[i]] for one in found]
    notes = tuple(_notes(must, somewhere, lacks))
    if all(lacks) or insist == "prefer":
        return Kept(tuple(hits[k] for k in order), notes=notes)
    dropped = (Dropped(hits[k], f"it does not hold {_named(lacks[k])}") for k in order if lacks[k])
    return Kept(tuple(hits[k] for k in order if not lacks[k]), tuple(dropped), notes)


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """What reads alike is alike: no case, accents, kinds of blank, dash or quotation mark."""
    return " ".join(_plain(text).casefold().split())


def _plain(text: str) -> str:
    if text.isascii():
        return text.translate(_ASCII)
    text = _SIGN.sub(lambda sign: _ALIKE[sign[0]], text)
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def _order(rows: Sequence[tuple[bool, ...]]) -> list[int]:
    """Those that hold the most first; but the best that holds a thing leads, for each thing.

    So a question about two error codes sees a passage on either, however many there are on one.
    """
    by_number = sorted(range(len(rows)), key=lambda k: -sum(rows[k]))
    wanted = range(len(rows[0]))
    lead = {next((k for k in by_number if rows[k][i]), by_number[0]) for i in wanted}
    return sorted(by_number, key=lambda k: k not in lead)


def _notes(must: Must, somewhere: Sequence[int], lacks: Sequence[Sequence[str]]) -> Iterator[str]:
    for i, phrase in enumerate(must.phrases):
        if i not in somewhere:
            yield f"None of {counted(len(lacks), 'passage')} found holds {_named([phrase])}."
    if all(lacks):
        together = _named([must.phrases[i] for i in somewhere])
        yield f"None of {counted(len(lacks), 'passage')} found holds {together} together."


def _named(phrases: Sequence[str]) -> str:
    return " and ".join(
        f'"{phrase[:_SHOWN]}…"' if len(phrase) > _SHOWN else f'"{phrase}"' for phrase in phrases
    )


def _parted(question: str) -> tuple[list[str], str]:
    """Its phrases in quotes, and what stands around them."""
    if not _QUOTE.search(question):
        return [], question
    quoted = (next(filter(None, match.groups())) for match in _QUOTED.finditer(question))
    phrases = (" ".join(phrase.split()).strip(_END_OF_SENTENCE) for phrase in quoted)
    return [phrase for phrase in phrases if _WORD.search(folded(phrase))], _QUOTED.sub(
        " ", question
    )


def _first(found: Iterable[str]) -> tuple[str, ...]:
    distinct: dict[str, str] = {}
    for one in found:
        distinct.setdefault(folded(one), one)
    return tuple(distinct.values())[:_MOST]


class _Wanted:
    """Its longest word or number is looked for first, which is quick: most passages lack it."""

    def __init__(self, text: str, pattern: Callable[[str], str]) -> None:
        # Of equals a number: the v of v2.3 may be missing.
        self.word = max(_WORD.findall(folded(text)), key=lambda word: (len(word), word.isdigit()))
        self._pattern = re.compile(pattern(folded(text)))
        self._reach = 2 * (len(folded(text)) + _AHEAD)

    def within(self, read: str) -> bool:
        at = read.find(self.word)
        while at >= 0:
            end = at + self._reach
            found = self._pattern.search(read, max(0, at - self._reach), end)
            if found and (found.end() + _AHEAD <= end or end >= len(read)):
                return True
            at = read.find(self.word, at + 1)
        return False


def _phrase_pattern(phrase: str) -> str:
    """A word that begins or ends it is whole in the passage too."""
    before = rf"(?<!{_LETTER})" if re.match(_LETTER, phrase[0]) else ""
    after = rf"(?!{_LETTER})" if re.match(_LETTER, phrase[-1]) else ""
    return before + re.escape(phrase) + after


def _code_pattern(code: str) -> str:
    """ERR-4021 may be written ERR 4021, and 2.3.1 v2.3.1; but it is no part of 2.3.1.4."""
    inner = re.escape(code).replace(r"\-", "[-_ ]?")
    if version := re.match(r"v?(?=\d)", code):
        inner = "v?" + inner[version.end() :]
    return rf"(?<!{_LETTER})(?<!\d\.){inner}(?!{_LETTER})(?!\.\d)"


def _codes(text: str) -> list[str]:
    if not _SIGN_OF_CODE.search(text):
        return []
    tokens = _TOKEN.findall(_plain(text))
    return [token for token in tokens if _SIGN_OF_CODE.search(token) and _is_code(token)]


def _is_code(token: str) -> bool:
    """Errs towards no: an ordinary word that is taken for a code reorders what was found."""
    if not _ALPHABETIC.search(token):
        return _is_long_number(token)
    if _IDENTIFIER.search(token) or _is_hex(token):
        return True
    return not _ORDINARY.fullmatch(token) and ("." in token or _is_lettered_number(token))


def _is_long_number(token: str) -> bool:
    """2.3.1 and 12-3456-789; not 3.5, 1.000.000, 2024-05-12 or 2020-2021."""
    if _DATE.fullmatch(token) or _MILLIONS.fullmatch(token):
        return False
    part_number = token.count("-") > 1 and len(_DIGIT.findall(token)) >= _PART_NUMBER
    return part_number or _VERSION.fullmatch(token) is not None


def _is_hex(token: str) -> bool:
    return _HEX.fullmatch(token) is not None and len(_DIGIT.findall(token)) > 1


def _is_lettered_number(token: str) -> bool:
    """ERR-4021, SKU12345 and abc-4021; not COVID-19, GPT-4, top-100, mid-1990 or B12."""
    digits = len(_DIGIT.findall(token))
    if token.isupper():
        return digits >= _UPPER
    return digits >= _LOWER and _DIGIT.search(_YEAR.sub("", token)) is not None
