"""What calls cost, in whole micro-dollars: by the user's prices, then ours, then the catalogue's.

The catalogue is a package and knows when prices changed. `prices.toml` beside this file has what it
lacks; a file of the user's of the same form goes before both. Knows no call and no ledger.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from time import time
from typing import Annotated

from genai_prices import Usage as NoUsage
from genai_prices import calc_price
from genai_prices.types import ModelPrice, TieredPrices
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain.completion import Usage
from domain.errors import Misconfigured

_CALLED = {"gemini": "google"}  # as the catalogue has it
_HOUR = 3600  # how long a look into the catalogue holds: prices change by the day
_NOTHING = Decimal(0)
_Dollars = Annotated[Decimal, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars a token, which is dollars a million tokens."""

    input: Decimal = _NOTHING
    output: Decimal = _NOTHING
    cached: Decimal | None = None  # as input, where there is no price of its own; so below
    written: Decimal | None = None  # into the prompt cache
    written_long: Decimal | None = None  # to stay for longer
    reasoning: Decimal | None = None  # as output

    def of(self, usage: Usage) -> Decimal:
        fresh = max(0, usage.input - usage.cached - usage.written)
        written = _first(self.written, self.input)
        return (
            fresh * self.input
            + usage.cached * _first(self.cached, self.input)
            + (usage.written - usage.written_long) * written
            + usage.written_long * _first(self.written_long, written)
            + (usage.output - usage.reasoning) * self.output
            + usage.reasoning * _first(self.reasoning, self.output)
        )


@dataclass(frozen=True, slots=True)
class Price:
    """Of one model. A prompt longer than a step's number costs that step's rates, all of it."""

    steps: tuple[tuple[int, Rates], ...]
    search: Decimal | None = None  # micro-dollars each, of a reranker that is paid by searches

    def cost(self, usage: Usage) -> int:
        rates = next(rates for above, rates in reversed(self.steps) if usage.input >= above)
        return rounded(rates.of(usage))

    def worst(self, tokens: int, output: int, *, marked: bool) -> int:
        """The dearest that a call can become; `marked`: its prompt may be written to the cache."""
        usage = Usage(input=tokens, output=output)
        if not marked:
            return self.cost(usage)
        long = Usage(input=tokens, written=tokens, written_long=tokens, output=output)
        return max(self.cost(usage), self.cost(long))


class _Rated(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    input: _Dollars = _NOTHING
    output: _Dollars = _NOTHING
    cached: _Dollars | None = None
    written: _Dollars | None = None
    written_long: _Dollars | None = None
    reasoning: _Dollars | None = None

    def rates(self) -> Rates:
        return Rates(*(getattr(self, name) for name in Rates.__dataclass_fields__))


class _Entry(_Rated):
    beyond: dict[int, _Rated] = {}
    thousand_searches: _Dollars | None = None

    def price(self) -> Price:
        beyond = ((above + 1, rated.rates()) for above, rated in sorted(self.beyond.items()))
        search = None if self.thousand_searches is None else self.thousand_searches * 1_000
        return Price(((0, self.rates()), *beyond), search)


_Table = Mapping[str, Mapping[str, _Entry]]
_READ: TypeAdapter[_Table] = TypeAdapter(dict[str, dict[str, _Entry]])


class Prices:
    """By provider and model; patterns of names are tried in the order of the file."""

    def __init__(self, tables: Sequence[_Table] = ()) -> None:
        self._tables = (*tables, _ours())

    @classmethod
    def read(cls, path: Path | None) -> "Prices":
        """`path`: the user's own file, which FOREBAY_PRICES names."""
        return cls([_read(path)]) if path else cls()

    def known(self, provider: str, model: str) -> Price | None:
        """From the files or the catalogue."""
        return self.stated(provider, model) or _catalogued(
            _CALLED.get(provider, provider), model, int(time() // _HOUR)
        )

    def stated(self, provider: str, model: str) -> Price | None:
        """From the files alone."""
        entries = chain.from_iterable(table.get(provider, {}).items() for table in self._tables)
        return next((e.price() for name, e in entries if fnmatchcase(model, name)), None)

    def of(self, provider: str, model: str) -> Price:
        """Misconfigured where there is none: a model that nobody has priced is not free."""
        found = self.known(provider, model)
        if found is None:
            raise Misconfigured(
                f"There is no price for the model '{model}' of {provider}. Name a model that has "
                f'one, or put [{provider}."{model}"] with `input` and `output` in dollars a '
                "million tokens into a file, and set FOREBAY_PRICES to its path."
            )
        return found


def cost(model: str, usage: Usage, provider: str = "openai") -> int:
    """Without prices of the user's own."""
    return Prices().of(provider, model).cost(usage)


def window(model: str, provider: str = "openai") -> int | None:
    """Tokens that it reads at most, where the catalogue knows it."""
    try:
        found: int | None = calc_price(
            NoUsage(), model, provider_id=_CALLED.get(provider, provider)
        ).model.context_window
    except LookupError:
        return None
    return found


def rounded(microdollars: Decimal) -> int:
    return int(microdollars.quantize(Decimal(1), ROUND_HALF_UP))


def _first(price: Decimal | None, instead: Decimal) -> Decimal:
    return instead if price is None else price


@lru_cache(maxsize=256)
def _catalogued(provider: str, model: str, hour: int) -> Price | None:
    del hour  # part of the key alone
    try:
        found: ModelPrice = calc_price(NoUsage(), model, provider_id=provider).model_price
    except LookupError:
        return None
    tiers = (value.tiers for value in vars(found).values() if isinstance(value, TieredPrices))
    starts = sorted({tier.start + 1 for tier in chain.from_iterable(tiers)})
    return Price(tuple((above, _rates(found, above)) for above in (0, *starts)))


def _rates(found: ModelPrice, tokens: int) -> Rates:
    """For a prompt of so many tokens."""

    def at(name: str) -> Decimal | None:
        price = getattr(found, f"{name}_mtok")
        if not isinstance(price, TieredPrices):
            return None if price is None else Decimal(price)
        reached = [tier.price for tier in price.tiers if tokens > tier.start]
        return Decimal([price.base, *reached][-1])

    return Rates(
        input=at("input") or _NOTHING,
        output=at("output") or _NOTHING,
        cached=at("cache_read"),
        written=at("cache_write"),
        written_long=at("cache_write_1h"),
        reasoning=at("output_reasoning"),
    )


@cache
def _ours() -> _Table:
    return _parsed(files("gateway").joinpath("prices.toml").read_text("utf-8"))


def _read(path: Path) -> _Table:
    try:
        return _parsed(path.read_text("utf-8"))
    except (OSError, ValidationError, ValueError) as error:
        raise Misconfigured(
            f"The prices in {path}, which FOREBAY_PRICES names, cannot be read: {error}"
        ) from error


def _parsed(text: str) -> _Table:
    return _READ.validate_python(tomllib.loads(text, parse_float=Decimal))
