"""What hosted reranking costs, in whole micro-dollars, from `prices.toml`.

Knows nothing of how a provider says what it used.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Used:
    """What a call was charged for; None: the answer does not say."""

    searches: int | None = None
    tokens: int | None = None


def cost(provider: str, model: str, used: Used) -> int | None:
    """None when the price is not known, or the answer does not say what it is charged for."""
    price = _catalogue().get(provider, {}).get(model, {})
    if used.searches is not None and "thousand_searches" in price:
        return _rounded(used.searches * price["thousand_searches"] * 1_000)
    if used.tokens is not None and "million_tokens" in price:
        return _rounded(used.tokens * price["million_tokens"])
    return None


def _rounded(microdollars: Decimal) -> int:
    return int(microdollars.quantize(Decimal(1), ROUND_HALF_UP))


@cache
def _catalogue() -> Mapping[str, Mapping[str, Mapping[str, Decimal]]]:
    text = files("gateway.rerank").joinpath("prices.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)
