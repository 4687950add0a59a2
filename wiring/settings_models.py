"""The settings of chat models: which ones answer, who provides them, how much they are asked.

Providers and their keys have names of their own: `FOREBAY_PROVIDERS__AZURE__BASE_URL` makes one
named azure. Does not open anything.
"""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from domain.completion import Effort
from wiring.settings_search import Section

Tier = Literal["nano", "mini", "standard", "pro"]
Api = Literal["responses", "chat"]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]  # as a variable's name has it


class ChatSettings(Section):
    provider: Literal["auto", "openai", "extractive"] = Field(
        "auto",
        description="`openai`, `extractive` (no model), or `auto`: openai given a key, a URL or a "
        "tier",
    )
    model: str = Field("gpt-5.4-mini", description="Model that writes the answers")
    tier: Tier | Literal["auto"] | None = Field(
        None,
        description="Answer with this tier's models instead of `FOREBAY_CHAT__MODEL`; `auto`: "
        "with those of the tier that a question looks to need",
    )
    api: Literal["auto", "responses", "chat"] = Field(
        "auto",
        description="`responses`, `chat` (completions), or `auto`: chat when a base URL is set",
    )
    max_output_tokens: int = Field(1024, gt=0, description="Longest answer")
    seconds: float = Field(
        180, gt=0, description="Time for an answer, with all waits, retries and other models"
    )
    first_seconds: float = Field(
        110, gt=0, description="A model that says nothing for so long is asked again, or another"
    )
    idle_seconds: float = Field(
        60, gt=0, description="A stream that falls silent for so long is ended"
    )


class ProviderSettings(Section):
    api_key: SecretStr | None = Field(
        None, description="Key of this provider; openai, anthropic and gemini: else the usual one"
    )
    base_url: str | None = Field(
        None, description="Address of this provider; any server that speaks OpenAI's format"
    )
    api: Api | None = Field(
        None, description="What it speaks: `responses`, or `chat` (completions); unset: chat"
    )
    keys: dict[Key, SecretStr] = Field(
        {}, description="Key for the calls of one business line, by the feature that they name"
    )
    requests_per_minute: int | None = Field(
        None, gt=0, description="Requests to each of its models with each key; unset: no limit"
    )
    tokens_per_minute: int | None = Field(
        None, gt=0, description="The same in tokens, the output limit included"
    )


class TierSettings(Section):
    nano: str | None = Field(None, description="Models of the cheapest tier, as in `mini`")
    mini: str | None = Field(
        None,
        description="`provider/model`, and after commas those that answer when it cannot; "
        "unset: the usual model",
    )
    standard: str | None = Field(None, description="Models of the usual tier, as in `mini`")
    pro: str | None = Field(None, description="Models of the most able tier, as in `mini`")


class EffortSettings(Section):
    nano: Effort | None = Field(None, description="How much its models think, as in `mini`")
    mini: Effort | None = Field(
        None,
        description="`none`, `minimal`, `low`, `medium`, `high`, `xhigh`; unset: `low` at OpenAI, "
        "elsewhere as the model does by itself",
    )
    standard: Effort | None = Field(None, description="How much its models think, as in `mini`")
    pro: Effort | None = Field(None, description="How much its models think, as in `mini`")


class CanarySettings(Section):
    share: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of conversations that try other models or another prompt; 0: none",
    )
    chain: str | None = Field(
        None, description="Models on trial, as in `FOREBAY_TIERS__MINI`; unset: the usual ones"
    )
    prompt: str | None = Field(
        None, description="Prompt set on trial, as in `FOREBAY_PROMPT__VERSION`"
    )
    tenants: tuple[str, ...] | None = Field(
        None, description='Only of these tenants, as in `["acme"]`; unset: of all'
    )


class RedisSettings(Section):
    url: SecretStr | None = Field(
        None, description="`redis://…`, Redis or Valkey: limits shared by all replicas"
    )
