"""How a model's vendor caches prompts. Data from `rules.toml`; knows no request."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from math import inf
from typing import Literal

Kind = Literal["steps", "marks", "order"]


@dataclass(frozen=True, slots=True)
class Life:
    """How long a marked beginning lasts, and what writing it costs beside plain input."""

    name: str  # as the vendor calls it
    seconds: float
    write: float


@dataclass(frozen=True, slots=True)
class CacheRules:
    kind: Kind = "order"
    least: int = 0  # tokens below which nothing is cached
    step: int = 1
    rate: int = 0  # requests a minute that one cache key carries; 0: there are no keys
    marks: int = 0
    longest: float = inf  # seconds that it is kept from its writing on, however often it is read
    lives: tuple[Life, ...] = ()
    retentions: tuple[str, ...] = ()  # that it can be asked for
    prewarms: bool = False  # writes without answering, when asked to
    unasked: bool = False  # told nothing, it writes the whole prompt, at a price
    tail: int | None = None  # tokens behind a beginning beyond which it is not found, if measured


READ = 0.1  # what a token from the cache costs beside plain input, at all three vendors


@cache
def cache_rules(provider: str, model: str) -> CacheRules:
    for family in _families():
        if fnmatchcase(provider, family["provider"]) and _fits(model, family["models"]):
            return CacheRules(
                kind=family["kind"],
                least=family.get("least", 0),
                step=family.get("step", 1),
                rate=family.get("rate", 0),
                marks=family.get("marks", 0),
                longest=family.get("longest", inf),
                lives=tuple(Life(**life) for life in family.get("lives", ())),
                retentions=tuple(
                    name for name, of in family.get("retention", {}).items() if _fits(model, of)
                ),
                prewarms=family.get("prewarms", False),
                unasked=family.get("unasked", False),
            )
    return CacheRules()


def _fits(model: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(model, pattern) for pattern in patterns)


@cache
def _families() -> tuple[dict, ...]:  # type: ignore[type-arg]  # TOML, read here and nowhere else
    text = files("gateway.caching").joinpath("rules.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["family"])
