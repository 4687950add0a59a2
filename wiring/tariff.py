"""What the models that the settings name cost, and how their vendors cache. Opens none of them."""

from dataclasses import dataclass

from domain.completion import Usage
from gateway.caching.measured import FILE, measured_rules, read_findings
from gateway.caching.rules import CacheRules
from gateway.pricing import Price, Prices
from wiring.lanes import steps
from wiring.routing import usual_tier
from wiring.settings import Settings

NONE = "extractive"  # where no model answers


@dataclass(frozen=True, slots=True)
class Tariff:
    provider: str
    model: str
    rules: CacheRules
    price: Price | None  # None: it is not known, or there is nothing to pay

    def fresh(self, tokens: int) -> int:
        """Micro-dollars for input that is not cached; so below."""
        return self.price.cost(Usage(input=tokens)) if self.price else 0

    def read(self, tokens: int) -> int:
        return self.price.cost(Usage(input=tokens, cached=tokens)) if self.price else 0

    def call(self, tokens: int, output: int) -> int:
        return self.price.cost(Usage(input=tokens, output=output)) if self.price else 0


def tariff(settings: Settings, tier: str = "", *, trial: bool = False) -> Tariff:
    """Of the first model of that tier's chain, of what is on trial, or of the usual one."""
    if not settings.answers_with_openai:
        return Tariff(NONE, NONE, CacheRules(), None)
    name = tier or usual_tier(settings)
    chain = getattr(settings.tiers, name) if name else None
    usual = getattr(settings.tiers, usual_tier(settings)) if usual_tier(settings) else None
    variable = f"FOREBAY_TIERS__{name.upper()}"
    chosen = (settings.canary.chain if trial else None) or chain or usual
    provider, model = (
        steps(chosen, settings, variable)[0] if chosen else ("openai", settings.chat.model)
    )
    prices = Prices.read(settings.prices)
    price = (prices.stated if _elsewhere(provider, settings) else prices.known)(provider, model)
    rules = measured_rules(provider, model, read_findings(settings.data / FILE))
    return Tariff(provider, model, rules, price)


def _elsewhere(provider: str, settings: Settings) -> bool:
    """Merely speaks OpenAI's chat format: only who runs it knows what it costs."""
    if provider == "openai":
        return settings.openai_base_url is not None and settings.chat.api != "responses"
    return provider not in {"anthropic", "gemini"}
