"""What the cache did for a call: what it could have read, what it did, and why not more.

Remembers which beginnings were sent and when; of what was in them only hashes and token counts.
Time is given, never read.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Generic, TypeVar

from domain.completion import CacheMiss, CacheOutcome, CachePlan, ChatRequest, Usage
from domain.ids import fingerprint
from domain.ports import TokenCounter
from domain.prompt import Message, OutputSchema, Prompt, Tool, ToolRound
from gateway.caching.rules import CacheRules

K = TypeVar("K")
V = TypeVar("V")

_DAY = 86_400.0
_NEARLY = 0.9  # of what could be read is a hit: vendors read in steps
_MOST = 50_000  # beginnings that are remembered
_SET = 2  # messages of a prompt set; what stands behind them is pinned
_MESSAGE = 4  # tokens a message costs beside its text


class _Recent(OrderedDict[K, V], Generic[K, V]):
    def put(self, key: K, value: V) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > _MOST:
            self.popitem(last=False)


Sent = tuple[tuple[str, str], ...]  # what came before the boundary: a name, a fingerprint


@dataclass(frozen=True, slots=True)
class Called:
    """Which model was called, how its vendor caches, and what its tokens cost."""

    model: str
    rules: CacheRules
    cost: Callable[[Usage], int]


@dataclass(frozen=True, slots=True)
class _Known:
    """The longest beginning of a prompt that was sent before."""

    tokens: int
    cacheable: int  # of them
    ago: float | None
    lasts: float
    same_key: bool


class Reckoner:
    """One for all calls of a process. What other processes sent it does not know."""

    def __init__(self, tokens: TokenCounter) -> None:
        self._tokens = tokens
        self._lengths: _Recent[str, int] = _Recent()
        self._times: _Recent[str, float] = _Recent()
        self._latest: _Recent[str, Sent] = _Recent()

    def outcome(
        self, request: ChatRequest, usage: Usage, called: Called, now: float
    ) -> CacheOutcome:
        prompt, rules, plan = request.prompt, called.rules, request.cache or CachePlan()
        tenant = f"{request.account.tenant} {called.model}"
        whose = called.model if plan.apart else tenant
        known = self._known(prompt, whose, plan.key, rules, now)
        sent = _sent(prompt.prefix, prompt.tools, prompt.schema)
        latest = f"{tenant} {_kind(prompt)}"
        changed = _changed(self._latest.get(latest) or (), sent)
        why, says = next(_reasons(usage, known, rules, plan, changed))
        self._remember(prompt, whose, plan.key, now)
        self._latest.put(latest, sent)
        bare = Usage(input=usage.input, output=usage.output, reasoning=usage.reasoning)
        unasked = replace(bare, written=usage.input) if rules.unasked else bare
        paid = called.cost(usage)
        return CacheOutcome(
            prefix=self._prefix(prompt),
            cacheable=max(known.cacheable, usage.cached),
            why=why,
            says=says,
            saved_microdollars=called.cost(bare) - paid,
            saved_naive_microdollars=called.cost(unasked) - paid,
        )

    def _known(
        self, prompt: Prompt, whose: str, key: str | None, rules: CacheRules, now: float
    ) -> _Known:
        """The longest beginning that was sent before."""
        lasts = max((one.seconds for one in rules.lives), default=_DAY)
        for turns in range(len(prompt.history), -1, -1):
            name = _name(whose, prompt, turns)
            if (at := self._times.get(name)) is None:
                continue
            said = sum(self._count(turn) for turn in prompt.history[:turns])
            tokens = self._prefix(prompt) + said
            whole = tokens - tokens % max(1, rules.step) if tokens >= rules.least else 0
            same_key = f"{name} {key}" in self._times
            return _Known(tokens, whole if now - at <= lasts else 0, now - at, lasts, same_key)
        return _Known(0, 0, None, lasts, same_key=True)

    def _remember(self, prompt: Prompt, whose: str, key: str | None, now: float) -> None:
        for turns in {0, len(prompt.history)}:
            name = _name(whose, prompt, turns)
            self._times.put(name, now)
            self._times.put(f"{name} {key}", now)

    def _prefix(self, prompt: Prompt) -> int:
        """Counted once for each prefix."""
        name = prompt.prefix_fingerprint
        if name not in self._lengths:
            tools = (text for t in prompt.tools for text in (t.name, t.description, t.parameters))
            schema = (prompt.schema.schema,) if prompt.schema else ()
            texts = [*tools, *schema]
            length = sum(self._count(message) for message in prompt.prefix)
            self._lengths.put(name, length + sum(map(self._tokens.count, texts)))
        return self._lengths[name]

    def _count(self, turn: Message | ToolRound) -> int:
        text = "\n".join(turn.texts)
        name = fingerprint(text)
        if name not in self._lengths:
            self._lengths.put(name, self._tokens.count(text) + _MESSAGE)
        return self._lengths[name]


def _reasons(
    usage: Usage, known: _Known, rules: CacheRules, plan: CachePlan, changed: str
) -> Iterator[tuple[CacheMiss, str]]:
    """Why not more was read; the first counts."""
    behind = usage.input - known.tokens
    if usage.cached and usage.cached >= _NEARLY * known.cacheable:
        yield "hit", f"{usage.cached:,} tokens were read from the cache."
    if usage.input < rules.least:
        yield "short", f"{usage.input:,} tokens; below {rules.least:,} this model caches nothing."
    if known.ago is None and changed:
        yield "changed", f"The prefix changed since the last question, in {changed}."
    if known.ago is None:
        yield "cold", "This beginning was not sent before."
        return
    if known.ago > known.lasts:
        yield "expired", f"It was last sent {known.ago / 60:,.0f} minutes ago, which is too long."
    if not known.cacheable:
        yield "short", f"What came before has {known.tokens:,} tokens, not {rules.least:,}."
    if rules.tail is not None and behind > rules.tail:
        said = f"{behind:,} tokens stand behind it; beyond {rules.tail:,} this model reads nothing."
        yield "tail", said
    if plan.explicit and not plan.marks:
        yield "unmarked", "Nothing was marked: it is asked for too seldom for that to pay."
    if not known.same_key:
        yield "overflow", "Its usual key was busy, and this one had not seen it."
    yield "provider", f"It was sent {known.ago:,.0f} s ago; the provider did not find it."


def _name(whose: str, prompt: Prompt, turns: int) -> str:
    texts = ("\n".join(turn.texts) for turn in prompt.history[:turns])
    return fingerprint(whose, prompt.prefix_fingerprint, *texts)


def _kind(prompt: Prompt) -> str:
    return prompt.version.split("/")[0]


@lru_cache(maxsize=64)
def _sent(
    prefix: tuple[Message, ...], tools: tuple[Tool, ...], schema: OutputSchema | None
) -> Sent:
    described = fingerprint(*(t.name + t.description + t.parameters for t in tools))
    shaped = fingerprint(schema.schema if schema else "")
    roles = [f"the {message.role} message" for message in prefix[:_SET]]
    names = [*roles, *["what is pinned"] * (len(prefix) - len(roles))]
    texts = (fingerprint(message.text) for message in prefix)
    return ("tools", described), ("the output schema", shaped), *zip(names, texts, strict=True)


def _changed(before: Sent, after: Sent) -> str:
    """The first block that differs; empty when none does."""
    pairs = zip_longest(before, after)
    differing = ((new or old or ("", ""))[0] for old, new in pairs if old != new)
    return next(differing, "") if before else ""
