"""Whether the prompt set in use is long enough for the model in use to cache it."""

from domain.ports import TokenCounter
from gateway.caching.rules import CacheRules, cache_rules
from prompts.short import Needs, shortfall
from wiring.settings import Settings
from wiring.tariff import NONE, tariff


def needs(settings: Settings) -> Needs:
    """Of the first model that answers, or would with a key."""
    it = tariff(settings)
    if it.model == NONE:
        return _needs(settings.chat.model, cache_rules("openai", settings.chat.model))
    return _needs(it.model, it.rules)


def too_short(settings: Settings, tokens: TokenCounter) -> str:
    """In words, with the ways out; empty where it is not, or where no model caches anything."""
    it = tariff(settings)
    if not it.rules.least:  # and no vocabulary is loaded
        return ""
    prompt = settings.prompt
    return shortfall(prompt.version, prompt.library, tokens, _needs(it.model, it.rules))


def _needs(model: str, rules: CacheRules) -> Needs:
    return Needs(model, rules.least, min((life.write for life in rules.lives), default=1.0))
