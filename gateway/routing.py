"""How able a model a question needs: by cheap signals, and where these leave it open, by asking.

Signals, points and reasons are data (`routing.toml`). Knows tiers by their names alone: which
models they are, and with how much effort they think, the settings say.
"""

import asyncio
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from pydantic import BaseModel

from domain.completion import Account, ChatRequest
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, InvalidInput, ModelError
from domain.ports import ChatModel
from domain.prompt import Prompt
from gateway.structured import Parsed, judged, of_model

Tier = Literal["nano", "mini", "standard", "pro"]

TIERS: tuple[Tier, ...] = get_args(Tier)  # the least able first
_IN_DOUBT: Tier = "mini"
_TOKENS = 500  # models think before they answer

# The prompt that asks: for a question, so many passages and so many questions before it.
AskTier = Callable[[str, int, int], Prompt]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question when its passages are there."""

    question: str
    scores: Sequence[float]  # of the passages, the best first
    turns: int = 0  # before it


@dataclass(frozen=True, slots=True)
class Weighed:
    tier: Tier
    points: float
    why: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """`why`: for people, as half a sentence."""

    tier: str
    why: str
    cost_microdollars: int = 0


@dataclass(frozen=True, slots=True)
class RoutingConfig:
    asks: bool = False  # the nano tier, where the signals leave it open
    seconds: float = 2.0  # it may take for that


class _Verdict(BaseModel):
    tier: Tier


_WANTED = of_model(_Verdict)


async def choose_tier(
    asked: Asked, chat: ChatModel, ask: AskTier, config: RoutingConfig, account: Account
) -> Chosen:
    weighed = weigh(asked)
    said = ", ".join(weighed.why) or "nothing about it is unusual"
    if weighed.sure or not config.asks:
        return Chosen(weighed.tier, f"{said} ({weighed.points:+.2f})")
    prompt = ask(asked.question, len(asked.scores), asked.turns)
    request = ChatRequest(
        replace(prompt, schema=_WANTED.schema), _TOKENS, tier="nano", account=account,
        deadline=Deadline.after(config.seconds),
    )  # fmt: skip
    try:
        async with asyncio.timeout(config.seconds):
            completion = await chat.complete(request)
    except (TimeoutError, DeadlineExceeded, ModelError, InvalidInput) as error:
        fault = str(error).rstrip(".") or f"not within {config.seconds:g} s"
        return Chosen(_IN_DOUBT, f"{said}; the nano model did not decide: {fault}")
    cost, verdict = completion.cost_microdollars, judged((completion,), _WANTED)
    if isinstance(verdict, Parsed):
        return Chosen(verdict.value.tier, f"{said}; the nano model decided", cost)
    return Chosen(_IN_DOUBT, f"{said}; the nano model gave no tier", cost)


def weigh(asked: Asked) -> Weighed:
    strengths = _strengths(asked)
    found = {name: strength for name, strength in strengths.items() if strength}
    points = sum(_table().signals[name].points * strength for name, strength in found.items())
    least = _table().least
    tier = max((t for t in TIERS if least.get(t, points) <= points), key=TIERS.index)
    sure = all(abs(points - limit) > _table().unsure for limit in least.values())
    return Weighed(tier, points, tuple(_table().signals[name].says for name in found), sure)


def _strengths(asked: Asked) -> dict[str, float]:
    text = asked.question
    words = len(text.split())
    kinds = {n: float(_table().signals[n].in_(text)) for n in _KINDS}
    kinds["calculate"] = kinds["calculate"] or float(bool(_SUM.search(text)))
    kinds["code"] = kinds["code"] or float(bool(_CODE.search(text)))
    several = min(2, _questions(text) - 1)
    plain = not any(kinds.values()) and not several and words <= _SHORT
    return {
        "fact": float(plain and _table().signals["fact"].in_(text)),
        **kinds,
        "several": float(several),
        "long": float((words > _LONG) + (words > _VERY_LONG)),
        "deep": float(asked.turns >= _DEEP),
        "flat": float(_flat(asked.scores)),
        "nothing": float(not asked.scores and not asked.turns),
    }


_KINDS = ("compare", "calculate", "code", "reason", "plan", "whole")
_SHORT, _LONG, _VERY_LONG = 16, 40, 100  # words
_DEEP = 6  # questions
_FEW = 5  # passages of which it cannot be said how their scores lie
_SUM = re.compile(r"\d\s*[-+*/×÷^%]\s*\d|\d\s*%\s+(?:of|von|de)\b")
_CODE = re.compile(
    r"```|`[^`]+`|\w\(\)|\b(?:def|class|import|SELECT|INSERT|UPDATE)\s+\w|[{};]\s*$", re.MULTILINE
)
_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+\S", re.MULTILINE)
_MARK = re.compile(r"[?？]+(?=\s|$)|？")


def _questions(text: str) -> int:
    """How many it asks: by marks, by items of a list, or by "and how …" in one."""
    joined = len(_table().signals["several"].found(text))
    return max(len(_MARK.findall(text)), len(_ITEM.findall(text)), 1 + joined)


def _flat(scores: Sequence[float]) -> bool:
    if len(scores) < _FEW or max(scores) == min(scores):
        return False
    middle = (max(scores) + min(scores)) / 2
    return 2 * sum(score > middle for score in scores) > len(scores)


@dataclass(frozen=True, slots=True)
class _Signal:
    points: float
    says: str
    pattern: re.Pattern[str] | None

    def found(self, text: str) -> list[str]:
        return self.pattern.findall(text) if self.pattern else []

    def in_(self, text: str) -> bool:
        return bool(self.found(text))


@dataclass(frozen=True, slots=True)
class _Table:
    unsure: float
    least: Mapping[Tier, float]
    signals: Mapping[str, _Signal]


@cache
def _table() -> _Table:
    read = tomllib.loads(files("gateway").joinpath("routing.toml").read_text("utf-8"))
    signals = {name: _signal(one) for name, one in read["signals"].items()}
    return _Table(read["unsure"], read["least"], signals)


def _signal(read: Mapping[str, Any]) -> _Signal:
    parts = [word for word in read.get("words", ()) if _unspaced(word)]
    words = [word for word in read.get("words", ()) if not _unspaced(word)]
    patterns = [
        rf"^\W*(?:{_any(read['opens'])})(?!\w)" if "opens" in read else "",
        rf"(?<!\w)(?:{_any(words)})(?!\w)" if words else "",
        _any(parts),
    ]
    pattern = "|".join(filter(None, patterns))
    return _Signal(
        read["points"], read["says"], re.compile(pattern, re.IGNORECASE) if pattern else None
    )


def _any(words: Sequence[str]) -> str:
    return "|".join(map(re.escape, words))


def _unspaced(word: str) -> bool:
    """Of a language without blanks, where no end of a word can be looked for."""
    return word >= "\u2e80"
