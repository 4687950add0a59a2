"""Opens the models that the settings name, each once, with the key of each business line.

A chain is written `provider/model,provider/model`. Clients are closed with the stack that they
were opened on. Knows no policy: those stand in `gateway/gateway.py`.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from pydantic import SecretStr

from domain.completion import Usage
from domain.errors import Misconfigured
from domain.ports import ChatModel, TokenCounter
from gateway.capabilities import Capabilities, capabilities
from gateway.gateway import Chain, Lane, Route
from gateway.manner import Manner
from gateway.policy.book import Priced
from gateway.policy.breaker import Breaker, BreakerConfig
from gateway.policy.throttle import ThrottleConfig
from gateway.pricing import Prices, window
from wiring.settings import Settings
from wiring.settings_models import ProviderSettings

_OWN = ("openai", "anthropic", "gemini")
_SHORT = Manner("low", "low")  # an answer from passages needs little thought and few words
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Provider:
    """All that the settings say of one."""

    name: str
    key: SecretStr | None
    base_url: str | None
    settings: ProviderSettings

    @property
    def keys(self) -> dict[str, str]:
        """By business line; the usual one has no name."""
        usual = self.key.get_secret_value() if self.key else "none"
        lines = self.settings.keys.items()
        return {"": usual, **{line: key.get_secret_value() for line, key in lines}}


def steps(chain: str, settings: Settings, variable: str) -> list[tuple[str, str]]:
    """Provider and model of each."""
    known = [*_OWN, *(name for name in settings.providers if name not in _OWN)]
    found = []
    for step in chain.split(","):
        provider, _, model = step.strip().partition("/")
        if provider not in known or not model:
            raise Misconfigured(
                f"{variable} names '{step.strip()}'. A model is written provider/model; providers "
                f"are {', '.join(known)}, and those that FOREBAY_PROVIDERS__… makes."
            )
        found.append((provider, model))
    return found


class Lanes:
    def __init__(self, settings: Settings, tokens: TokenCounter, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._prices = Prices.read(settings.prices)
        self._tokens = tokens
        self._stack = stack
        self._routes: dict[tuple[str, str], Route] = {}
        self._openings: dict[tuple[str, str], Callable[[str], ChatModel]] = {}

    async def chain(self, wanted: Sequence[tuple[str, str]]) -> Chain:
        return [await self._route(provider, model) for provider, model in wanted]

    async def _route(self, provider: str, model: str) -> Route:
        if (provider, model) not in self._routes:
            found = _provider(self._settings, provider)
            lanes = {
                line: await self._lane(found, model, line, key) for line, key in found.keys.items()
            }
            self._routes[provider, model] = Route(lanes.pop(""), lanes)
        return self._routes[provider, model]

    async def _lane(self, provider: _Provider, model: str, line: str, key: str) -> Lane:
        name = f"{provider.name}/{model}" + (f"@{line}" if line else "")
        limits = provider.settings
        return Lane(
            name=name,
            provider=provider.name,
            model=(await self._opened(provider, line, key))(model),
            priced=Priced(model, _price(provider, model, self._settings, self._prices)),
            breaker=Breaker(name, BreakerConfig()),
            limits=ThrottleConfig(limits.requests_per_minute, limits.tokens_per_minute),
            window=window(model, provider.name if provider.name in _OWN else "openai"),
            has=_capabilities(provider, model, self._settings),
            manner=_SHORT if _api(provider, self._settings) == "responses" else Manner(),
        )

    async def _opened(self, provider: _Provider, line: str, key: str) -> Callable[[str], ChatModel]:
        """What makes a model of a name, with a client that all models of the key share."""
        place = provider.name, line
        if place not in self._openings:
            opening = {"anthropic": self._anthropic, "gemini": self._gemini}
            self._openings[place] = await opening.get(provider.name, self._openai)(provider, key)
        return self._openings[place]

    async def _openai(self, provider: _Provider, key: str) -> Callable[[str], ChatModel]:
        from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
        from gateway.chat.openai_responses import OpenAIResponses
        from gateway.openai_client import OpenAIConfig, open_client

        settings, itself = self._settings, provider.name == "openai"
        config = OpenAIConfig(
            key,
            provider.base_url,
            settings.openai_organization if itself else None,
            settings.openai_project if itself else None,
        )
        client = await self._stack.enter_async_context(open_client(config))
        if _api(provider, settings) == "responses":
            return partial(OpenAIResponses, client)
        chat = ChatCompletionsConfig(openai=itself and provider.base_url is None)
        return lambda model: OpenAIChat(client, model, self._tokens, chat)

    async def _anthropic(self, provider: _Provider, key: str) -> Callable[[str], ChatModel]:
        from gateway.anthropic_client import AnthropicConfig, open_anthropic
        from gateway.chat.anthropic import AnthropicMessages

        config = AnthropicConfig(key, provider.base_url)
        client = await self._stack.enter_async_context(open_anthropic(config))
        return partial(AnthropicMessages, client)

    async def _gemini(self, provider: _Provider, key: str) -> Callable[[str], ChatModel]:
        from gateway.chat.gemini import GeminiGenerate
        from gateway.gemini_client import GeminiConfig, open_gemini

        config = GeminiConfig(key, provider.base_url)
        client = await self._stack.enter_async_context(open_gemini(config))
        return partial(GeminiGenerate, client)


def _provider(settings: Settings, name: str) -> _Provider:
    own = settings.providers.get(name, ProviderSettings())
    usual_key: SecretStr | None = getattr(settings, f"{name}_api_key", None)
    usual_url: str | None = getattr(settings, f"{name}_base_url", None)
    found = _Provider(name, own.api_key or usual_key, own.base_url or usual_url, own)
    if name in _OWN and found.key is None and (found.base_url is None or name != "openai"):
        raise Misconfigured(f"{name} is to answer but there is no key. Set {name.upper()}_API_KEY.")
    if name not in _OWN and found.base_url is None:
        raise Misconfigured(
            f"The provider '{name}' has no address. Set "
            f"FOREBAY_PROVIDERS__{name.upper()}__BASE_URL."
        )
    return found


def _api(provider: _Provider, settings: Settings) -> str:
    if provider.settings.api:
        return provider.settings.api
    if provider.name == "openai" and settings.chat.api != "auto":
        return settings.chat.api
    return "responses" if provider.name == "openai" and provider.base_url is None else "chat"


def _elsewhere(provider: _Provider, settings: Settings) -> bool:
    """Merely speaks OpenAI's chat format."""
    other = provider.name not in _OWN or bool(provider.name == "openai" and provider.base_url)
    return other and _api(provider, settings) == "chat"


def _capabilities(provider: _Provider, model: str, settings: Settings) -> Capabilities:
    if _elsewhere(provider, settings):
        return capabilities("elsewhere", model)
    return capabilities(provider.name if provider.name in _OWN else "openai", model)


def _price(
    provider: _Provider, model: str, settings: Settings, prices: Prices
) -> Callable[[Usage], int]:
    """What merely speaks OpenAI's chat format costs what the user's file says, or nothing."""
    if _elsewhere(provider, settings):
        stated = prices.stated(provider.name, model)
        if stated is None:
            _LOG.info(
                "What %s/%s costs is not counted: FOREBAY_PRICES has no price for it.",
                provider.name, model,
            )  # fmt: skip
        return stated.cost if stated else lambda _: 0
    known = provider.name if provider.name in _OWN else "openai"
    prices.of(known, model)  # a model without a price is refused at the start
    return lambda usage: prices.of(known, model).cost(usage)
