"""What one request tells the provider's prompt cache: its key, and which beginnings to keep.

Decides by the vendor's rules, by prices and by traffic: a beginning is written only when a
reading is likely enough to pay for it. Knows no wire format; adapters render the plan.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from math import inf
from typing import Literal

from domain.completion import CacheMark, CachePlan, ChatRequest
from domain.ids import fingerprint
from domain.prompt import Message, Prompt, Tool, ToolRound
from gateway.caching.rules import READ, CacheRules, Life
from gateway.caching.shards import Shards
from gateway.caching.traffic import Traffic

Retention = Literal["24h", "in_memory", "auto"]

_SPARE = 1  # requests a minute below what a key carries: clocks differ
_CHARACTERS = 6  # a token has fewer
_USUAL = 4  # characters of a token, about
_FEWEST = 2  # bytes of a token: hardly a text has less
_AS_GOOD = 0.25  # of plain input: so much less may a longer life save; a reading is faster, too
_STAKE = 0.75  # of plain input of all that may be kept of a request: what writing may lose in all
_FURTHER = 0.002  # and so much with each request, or what went badly once is never tried again
_SURE = 0.5  # of plain input: what must be expected of a writing beyond that
_TURN = 2  # messages that a question and its answer add to the history
_MOST = 100_000  # beginnings that are remembered


@dataclass(frozen=True, slots=True)
class Beginning:
    """What may be asked again: each part of the prefix that is shared on its own, and the
    conversation so far, whose earlier end is where the last request marked it.
    """

    ends: tuple[int, ...]  # turns that it has, and had when it may have been kept
    name: str  # of what is the same when it is asked again
    of: str  # what it is one of
    size: int  # bytes that it has beyond those before it


class Planner:
    """One for all requests of a process. Time is given, so that a trace can be replayed."""

    def __init__(self, *, isolated: bool = True, retention: Retention = "24h") -> None:
        """`isolated`: no tenant can find out by a cache what another has asked: they share no
        more than a prefix of the operator's. `retention`: auto leaves it to the vendor.
        """
        self._isolated = isolated
        self._retention = retention
        self._shards = Shards()
        self._traffic: dict[tuple[Life, ...], Traffic] = {}
        self._kept: OrderedDict[str, tuple[float, Life]] = OrderedDict()  # until when
        self._saved: defaultdict[tuple[Life, ...], float] = defaultdict(float)  # in bytes

    def plan(self, request: ChatRequest, rules: CacheRules, model: str, now: float) -> CachePlan:
        account, prompt = request.account, request.prompt
        if rules.kind == "order":
            return CachePlan()
        if not rules.rate:  # who sends the same beginning shares it, and nothing can be told
            marks = tuple(self._marks(request, rules, model, now))
            return CachePlan(marks=marks[-rules.marks :], explicit=rules.kind == "marks")
        apart = set_apart(prompt, account.tenant, rules) if self._isolated else ""
        whose = account.tenant if self._isolated and not apart else ""
        whole = fingerprint(whose, model, prompt.prefix_fingerprint)
        shard = self._shards.choose(whole, account.session, max(1, rules.rate - _SPARE), now)
        key = f"{whole}-{shard}"
        marks = tuple(self._marks(request, rules, key, now))
        return CachePlan(
            key=key,
            apart=apart,
            retention=self._retention if self._retention in rules.retentions else None,
            marks=marks[-rules.marks :],
            explicit=rules.kind == "marks",
        )

    def warm(self, request: ChatRequest, rules: CacheRules, model: str, now: float) -> CachePlan:
        """Of a request that prepares the prefix: it is written whatever the traffic was, and
        those that come after it will look for it.
        """
        plan = self.plan(request, rules, model, now)
        if not rules.lives:
            return plan
        life, marks = rules.lives[0], []
        for beginning in beginnings(request, plan.key or model, rules.least):
            self._kept[beginning.name] = (now + life.seconds, life)
            marks += [CacheMark(place, life.name) for place in beginning.ends]
        return replace(plan, marks=tuple(marks), prewarm=rules.prewarms)

    def _marks(
        self, request: ChatRequest, rules: CacheRules, whose: str, now: float
    ) -> Iterator[CacheMark]:
        if rules.kind != "marks" or _too_far(request.prompt, rules.tail):
            return
        found, longest = list(beginnings(request, whose, rules.least)), inf
        stake = _STAKE * sum(beginning.size for beginning in found)
        for beginning in found:
            life = self._life(beginning, stake, rules.lives, now)
            if life is None:
                continue
            # What stands in front must last as long as what stands behind it, at least.
            fitting = [one for one in rules.lives if one.seconds <= longest]
            life = min(life, fitting[-1], key=lambda one: one.seconds)
            longest = life.seconds
            for place in beginning.ends:
                yield CacheMark(place, life.name)

    def _life(
        self, it: Beginning, stake: float, lives: tuple[Life, ...], now: float
    ) -> Life | None:
        """How long to keep it; None when writing it would cost more than it may save."""
        traffic = self._traffic.setdefault(lives, Traffic(life.seconds for life in lives))
        chances = traffic.seen(it.name, it.of, now)
        self._saved[lives] += _FURTHER * it.size
        until, kept = self._kept.get(it.name, (0.0, lives[0]))
        left = self._saved[lives] + stake
        life = kept if now < until else _worth(chances, it.size, left, lives)
        if life is None:
            return None
        self._saved[lives] += it.size * (1 - READ if now < until else 1 - life.write)
        self._kept[it.name] = (now + life.seconds, life)  # a reading keeps it, too
        self._kept.move_to_end(it.name)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return life


def _worth(
    chances: Mapping[float, float], size: int, left: float, lives: tuple[Life, ...]
) -> Life | None:
    """The longest of those that are expected to save about as much as the best. `left`: what
    writing may still lose.
    """
    gains = {one: _gain(one, chances[one.seconds]) for one in lives}
    gains = {
        one: gain
        for one, gain in gains.items()
        if gain > (0.0 if size * (one.write - 1) <= left else _SURE)
    }
    enough = max(gains.values(), default=0.0) - _AS_GOOD
    return next((one for one in reversed(gains) if gains[one] > enough), None)


def _gain(life: Life, chance: float) -> float:
    """What a writing is expected to save, of plain input."""
    return chance * (life.write - READ) - (life.write - 1)


def set_apart(prompt: Prompt, tenant: str, rules: CacheRules) -> str:
    """What a tenant's prompts go on with behind a prefix whose key all tenants share, so that the
    cache ends there for the others. Empty where each has a key of its own: the prefix has
    something of the tenant's in it, or is so short that there is nothing to share.
    """
    length = sum(len(message.text) for message in prompt.prefix)
    if not (rules.rate and prompt.everybodys and length >= rules.least * _USUAL):
        return ""
    return f"<!-- {int(fingerprint(tenant), 16) % 10**9:09} -->\n"


def _too_far(prompt: Prompt, tail: int | None) -> bool:
    """More stands behind it than it is found with, as was measured. A guess on the safe side."""
    characters = sum(len(message.text) for message in prompt.tail)
    return tail is not None and characters > tail * _CHARACTERS


def beginnings(request: ChatRequest, whose: str, least: int) -> Iterator[Beginning]:
    """The shorter ones first. None that has surely fewer tokens than are cached."""
    prompt, session = request.prompt, request.account.session
    enough, before, length = least * _FEWEST, 0, 0
    for turns, text, length in _parts(prompt.prefix, prompt.tools, prompt.shared):
        if length >= enough:
            name = fingerprint(whose, text)
            yield Beginning((turns,), name, name, length - before)
            before = length
    length += sum(map(_bytes, prompt.history))
    if prompt.history and session and length >= enough:
        turns = len(prompt.prefix) + len(prompt.history)
        ends = (turns - _TURN, turns) if len(prompt.history) > _TURN else (turns,)
        name = fingerprint(whose, request.account.tenant, "session", session)
        yield Beginning(ends, name, f"{request.account.tenant} sessions", length - before)


@lru_cache(maxsize=64)
def _parts(
    prefix: tuple[Message, ...], tools: tuple[Tool, ...], shared: tuple[int, ...]
) -> tuple[tuple[int, str, int], ...]:
    """Of how many messages each consists, a fingerprint of their texts, and how many bytes there
    are. A prefix may be a whole document.
    """
    described = sum(len(tool.description) + len(tool.parameters) for tool in tools)
    lengths = list(accumulate(map(_bytes, prefix), initial=described))
    texts = [message.text for message in prefix]
    ends = shared or (len(prefix),)
    return tuple((turns, fingerprint(*texts[:turns]), lengths[turns]) for turns in ends)


def _bytes(turn: Message | ToolRound) -> int:
    return sum(len(text.encode()) for text in turn.texts)
