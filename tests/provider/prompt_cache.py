"""Providers' prompt caches, by the rules that their pages state. Knows tokens, no wire format.

A prompt is a row of blocks. What a vendor can find again is a beginning of it: up to any step of
so many tokens, or exactly up to where a block was marked. Time is given, never read.
"""

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Literal

from tests.provider.tokens import TOKEN, encoded

Seconds = float
_MINUTE: Seconds = 60
_HOUR: Seconds = 3600
_OTHERS = 64  # machines that may get what one is too busy for


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    ttl: Seconds | None = None  # marked: the prompt up to its end may be found again so long
    head: str = ""  # before the text, in tokens of its own


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one model family. `step`: 0 when only marked ends are found again."""

    least: int  # tokens below which nothing is cached
    step: int
    ttl: Seconds  # idle, of what is cached unasked
    longest: Seconds  # from its writing on
    routed: int = 0  # tokens whose hash, with the key, chooses the machine; 0: there is one
    rate: int = 0  # requests a minute that a machine takes of one prefix and key
    marks: int = 0  # that are heeded in one request
    behind: bool = False  # without a mark, the end of the prompt is one
    refreshes: bool = True  # a read makes it last anew
    lookback: int = 0  # blocks before a mark at whose ends an earlier writing is looked for
    charged: bool = True  # writes are named in the usage, and cost
    tail: int | None = None  # tokens behind a beginning with which it is still found


GPT_54 = Rules(1024, 128, 10 * _MINUTE, _HOUR, routed=256, rate=15, charged=False)
GPT_54_LONG = Rules(1024, 128, 24 * _HOUR, 24 * _HOUR, routed=256, rate=15, charged=False)
GPT_56 = Rules(1024, 0, 30 * _MINUTE, 24 * _HOUR, routed=256, rate=15, marks=4, behind=True)
CLAUDE = Rules(1024, 0, 5 * _MINUTE, 365 * 24 * _HOUR, marks=4, lookback=20)
CLAUDE_LARGE = replace(CLAUDE, least=4096)
GEMINI_25 = Rules(2048, 16, 10 * _MINUTE, _HOUR, charged=False)
GEMINI_3 = Rules(4096, 16, 10 * _MINUTE, _HOUR, charged=False)

_FAMILIES = (
    (r"gpt-(5\.[6-9]|[6-9])", GPT_56),
    (r"(chatgpt|gpt-[45]|o\d)", GPT_54),
    (r"claude-(opus-4-[5-7]|haiku)", CLAUDE_LARGE),
    (r"claude-", CLAUDE),
    (r"gemini-2", GEMINI_25),
    (r"gemini-", GEMINI_3),
)


def rules_of(model: str, retention: str | None = None) -> Rules | None:
    """None: of a server that says nothing of a cache."""
    found = next((rules for name, rules in _FAMILIES if re.match(name, model)), None)
    return GPT_54_LONG if found is GPT_54 and retention == "24h" else found


Why = Literal["hit", "short", "cold", "expired", "overflow"]


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the input tokens: those read from the cache and those written to it."""

    input: int
    cached: int
    written: int
    why: Why  # what kept it from reading more, as far as the provider can tell
    lives: tuple[tuple[Seconds, int], ...] = ()  # how long what was written lasts, by tokens


@dataclass(slots=True)
class _Entry:
    written: Seconds
    until: Seconds
    ttl: Seconds


@dataclass(slots=True)
class PromptCache:
    """All machines of one provider, for one model."""

    rules: Rules
    _entries: dict[tuple[int, str, bytes], _Entry] = field(default_factory=dict)
    _gone: set[bytes] = field(default_factory=set)  # what was there once, anywhere
    _taken: dict[tuple[str, bytes], deque[Seconds]] = field(default_factory=dict)
    _overflown: int = 0

    def ask(
        self,
        blocks: Sequence[Block],
        *,
        owner: str = "",
        key: str = "",
        now: Seconds,
        implicit: bool = True,
    ) -> Counted:
        """`owner`: the account, or what else never shares. `implicit`: it may mark unasked."""
        tokens = [encoded(block.head) + encoded(block.text) for block in blocks]
        ends = list(accumulate(len(part) // TOKEN for part in tokens))
        total = ends[-1] if ends else 0
        if total < self.rules.least:
            return Counted(total, 0, 0, "short")
        places = dict(self._places(blocks, ends, total, implicit=implicit))
        whole = b"".join(tokens)
        digests = _digests(whole, {*places, *self._earlier(ends, places)})
        beginning = b"".join(_digests(whole, [min(self.rules.routed, total)]).values())
        machine, overflown = self._machine(beginning, f"{owner}\x00{key}", now)
        found = self._longest(digests, (machine, owner), now)
        if self.rules.tail is not None and total - found > self.rules.tail:
            found = 0
        missed = not any(digest in self._gone for digest in digests.values())
        lives = tuple(self._write(places, digests, found, (machine, owner), now))
        written = sum(tokens for _, tokens in lives)
        why: Why = "cold" if missed else "overflow" if overflown else "expired"
        return Counted(total, found, written, "hit" if found else why, lives)

    def _places(
        self, blocks: Sequence[Block], ends: Sequence[int], total: int, *, implicit: bool
    ) -> Iterator[tuple[int, Seconds]]:
        """Where this prompt may be found again later, and for how long."""
        rules = self.rules
        if rules.step:
            first = -(-rules.least // rules.step) * rules.step
            for place in range(first, total + 1, rules.step):
                yield place, rules.ttl
            return
        marked = [(end, b.ttl) for end, b in zip(ends, blocks, strict=True) if b.ttl is not None]
        for place, ttl in marked[-rules.marks :]:
            if place >= rules.least:
                yield place, ttl
        if rules.behind and implicit and not marked:
            yield total, rules.ttl

    def _earlier(self, ends: Sequence[int], places: Mapping[int, Seconds]) -> set[int]:
        """Ends of blocks shortly before a mark: an earlier request may have marked them."""
        near: set[int] = set()
        for number, end in enumerate(ends):
            if end in places:
                near.update(ends[max(0, number - self.rules.lookback) : number])
        return {place for place in near if place >= self.rules.least}

    def _machine(self, beginning: bytes, whose: str, now: Seconds) -> tuple[int, bool]:
        """Its own for this prefix and key, or any other when that one is too busy with it."""
        if not self.rules.routed:
            return 0, False
        taken = self._taken.setdefault((whose, beginning), deque())
        while taken and taken[0] <= now - _MINUTE:
            taken.popleft()
        home = hashlib.blake2b(whose.encode() + beginning, digest_size=4).digest()
        if len(taken) < self.rules.rate:
            taken.append(now)
            return int.from_bytes(home, "big"), False
        self._overflown += 1
        return self._overflown % _OTHERS, True

    def _longest(self, looked: Mapping[int, bytes], where: tuple[int, str], now: Seconds) -> int:
        longest = 0
        for place, digest in looked.items():
            entry = self._entries.get((*where, digest))
            if entry and now < min(entry.until, entry.written + self.rules.longest):
                if self.rules.refreshes:
                    entry.until = max(entry.until, now + entry.ttl)
                longest = max(longest, place)
        return longest

    def _write(
        self,
        places: Mapping[int, Seconds],
        digests: Mapping[int, bytes],
        found: int,
        where: tuple[int, str],
        now: Seconds,
    ) -> Iterator[tuple[Seconds, int]]:
        """How many tokens are new in the cache, and for how long."""
        longest = found
        for place, ttl in places.items():
            self._gone.add(digests[place])
            if place > found:
                self._entries[(*where, digests[place])] = _Entry(now, now + ttl, ttl)
                yield ttl, place - longest
                longest = place


def _digests(tokens: bytes, places: Iterable[int]) -> dict[int, bytes]:
    """Of the first so many tokens, for each place."""
    digest, done, found = hashlib.blake2b(digest_size=16), 0, {}
    for place in sorted(places):
        digest.update(tokens[done * TOKEN : place * TOKEN])
        done = place
        found[place] = digest.copy().digest()
    return found
