"""What a call costs, in whole micro-dollars, from the price catalogue that a package carries."""

from decimal import ROUND_HALF_UP, Decimal

from genai_prices import Usage as PricedUsage
from genai_prices import calc_price

from domain.completion import Usage
from domain.errors import Misconfigured


def cost(model: str, usage: Usage, provider: str = "openai") -> int:
    """Misconfigured for a model that the catalogue does not know: it is not free."""
    priced = PricedUsage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cached,
        cache_write_tokens=usage.written,
    )
    try:
        return _microdollars(priced, model, provider)
    except LookupError as error:
        raise Misconfigured(
            f"There is no price for the model '{model}' of {provider}. Set FOREBAY_CHAT__MODEL to "
            "a model of the catalogue, or reach it through OPENAI_BASE_URL, where cost is not "
            "counted."
        ) from error


def embedding_cost(model: str, tokens: int, provider: str = "openai") -> int | None:
    """None for a model that the catalogue does not know."""
    try:
        return _microdollars(PricedUsage(input_tokens=tokens), model, provider)
    except LookupError:
        return None


def _microdollars(priced: PricedUsage, model: str, provider: str) -> int:
    price = calc_price(priced, model, provider_id=provider).total_price
    return int((price * 1_000_000).quantize(Decimal(1), ROUND_HALF_UP))
