"""All settings, read once from the environment. Nothing else reads it.

`FOREBAY_API__PORT=9000` sets `api.port`. Variables of model providers keep their usual names.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import Misconfigured
from wiring.settings_answers import SessionSettings, WebhookSettings
from wiring.settings_api import ApiSettings
from wiring.settings_cache import CacheSettings
from wiring.settings_context import ContextSettings
from wiring.settings_models import (
    CanarySettings,
    ChatSettings,
    EffortSettings,
    Key,
    ProviderSettings,
    RedisSettings,
    TierSettings,
)
from wiring.settings_money import BudgetSettings
from wiring.settings_places import DatabaseSettings, QdrantSettings
from wiring.settings_prompts import PromptSettings
from wiring.settings_search import (
    FusionSettings,
    RefineSettings,
    RerankSettings,
    SearchSettings,
    Section,
    SelectSettings,
    SparseSettings,
    UnderstandSettings,
)

PREFIX = "FOREBAY_"
_OWN_NAME = "<NAME>"
_USUAL = ("OPENAI_", "ANTHROPIC_", "GEMINI_")  # variables that other programs read as well
_OTHER_VARIABLES = ("FOREBAY_TEST_", "FOREBAY_BENCH_")

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]


class EmbedSettings(Section):
    provider: Literal["local", "openai"] = Field(
        "local", description="`local` (ONNX on this machine) or `openai`"
    )
    model: str = Field(
        "text-embedding-3-large", description="Embedding model of the provider `openai`"
    )
    dimensions: int | None = Field(
        None, gt=0, description="Shortened vectors of the provider `openai`; unset: the model's own"
    )
    path: Path | None = Field(
        None,
        description="Folder with another ONNX model and `tokenizer.json`; unset: bge-small-en-v1.5",
    )
    pooling: Literal["cls", "mean"] = Field(
        "cls", description="Pooling of the model in `FOREBAY_EMBED__PATH`"
    )
    query_prefix: str = Field(
        "", description="Put before questions for the model in `FOREBAY_EMBED__PATH`"
    )
    document_prefix: str = Field(
        "", description="Put before passages for the model in `FOREBAY_EMBED__PATH`"
    )
    threads: int | None = Field(
        None, gt=0, description="Threads of the local model; unset: all cores"
    )
    cache_mb: int = Field(
        2048, ge=0, description="Vectors kept on disk, so that no text is embedded twice; 0: none"
    )
    questions_mb: int = Field(
        64,
        ge=0,
        description="Vectors of questions kept in memory, and as much on disk, for those asked "
        "again; 0: none",
    )


class ChunkSettings(Section):
    max_tokens: int = Field(
        320, ge=32, le=8192, description="Longest chunk of a new collection, in o200k tokens"
    )
    overlap: int = Field(
        0, ge=0, description="Tokens that a chunk of a new collection repeats of the one before"
    )


class IngestSettings(Section):
    workers: int | None = Field(
        None, gt=0, description="Processes that parse documents; unset: one a core"
    )
    max_text_mb: float = Field(
        8, gt=0, description="Most text of one document, in million characters; more is refused"
    )
    patience: float = Field(
        600, ge=0, description="Seconds to wait for a store or a model that is away or busy"
    )
    unasked_dollars: float = Field(
        1, ge=0, description="What embedding may cost without `--yes`, by an estimate beforehand"
    )


class UploadSettings(Section):
    file_mb: int = Field(100, gt=0, description="Largest file that may come over HTTP")
    request_mb: int = Field(1000, gt=0, description="Most that may come over HTTP at once")


class SampleSettings(Section):
    share: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of questions kept for `forebay eval sample`, with their answers: "
        "what people wrote; 0: none",
    )
    tenants: tuple[Name, ...] | None = Field(
        None, description='Only of these tenants, as in `["acme"]`; unset: of all'
    )
    days: float = Field(30, gt=0, description="Days after which kept questions are forgotten")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, populate_by_name=True
    )

    data: Path = Field(
        Path(".forebay"), description="Directory of the embedded store, the state and caches"
    )
    tenant: Name = Field("default", description="Tenant of commands, and of requests without a key")
    collection: Name = Field("default", description="Collection when none is named")
    api: ApiSettings = ApiSettings()
    qdrant: QdrantSettings = QdrantSettings()
    database: DatabaseSettings = DatabaseSettings()
    embed: EmbedSettings = EmbedSettings()
    chat: ChatSettings = ChatSettings()
    tiers: TierSettings = TierSettings()
    efforts: EffortSettings = EffortSettings()
    canary: CanarySettings = CanarySettings()
    providers: dict[Key, ProviderSettings] = {}
    budget: BudgetSettings = BudgetSettings()
    prices: Path | None = Field(
        None, description="TOML file of prices that go before the catalogue's"
    )
    log: Literal["auto", "json", "text"] = Field(
        "auto", description="Log lines of the service: `json`, or `text`, as on a terminal"
    )
    tracing_url: str | None = Field(
        None,
        description="Where spans go, by OTLP over HTTP, as in `http://localhost:4318/v1/traces`",
    )
    redis: RedisSettings = RedisSettings()
    prompt: PromptSettings = PromptSettings()
    cache: CacheSettings = CacheSettings()
    context: ContextSettings = ContextSettings()
    search: SearchSettings = SearchSettings()
    fusion: FusionSettings = FusionSettings()
    refine: RefineSettings = RefineSettings()
    understand: UnderstandSettings = UnderstandSettings()
    select: SelectSettings = SelectSettings()
    sparse: SparseSettings = SparseSettings()
    rerank: RerankSettings = RerankSettings()
    chunk: ChunkSettings = ChunkSettings()
    ingest: IngestSettings = IngestSettings()
    upload: UploadSettings = UploadSettings()
    sample: SampleSettings = SampleSettings()
    sessions: SessionSettings = SessionSettings()
    webhook: WebhookSettings = WebhookSettings()
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="With it, answers come from OpenAI"
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias="OPENAI_BASE_URL",
        description="Any server that speaks OpenAI's format",
    )
    openai_organization: str | None = Field(
        None, validation_alias="OPENAI_ORG_ID", description="OpenAI organization"
    )
    openai_project: str | None = Field(
        None, validation_alias="OPENAI_PROJECT_ID", description="OpenAI project"
    )
    anthropic_api_key: SecretStr | None = Field(
        None, validation_alias="ANTHROPIC_API_KEY", description="For models `anthropic/…`"
    )
    anthropic_base_url: str | None = Field(
        None, validation_alias="ANTHROPIC_BASE_URL", description="Another address of its API"
    )
    gemini_api_key: SecretStr | None = Field(
        None, validation_alias="GEMINI_API_KEY", description="For models `gemini/…`"
    )
    gemini_base_url: str | None = Field(
        None, validation_alias="GEMINI_BASE_URL", description="Another address of its API"
    )

    @property
    def database_url(self) -> str:
        if self.database.url:
            return self.database.url.get_secret_value()
        return f"sqlite:///{(self.data / 'state.db').absolute()}"

    @property
    def answers_with_openai(self) -> bool:
        """Or with any other model: a tier names them."""
        if self.chat.provider == "auto":
            return bool(self.openai_api_key or self.openai_base_url or self.chat.tier)
        return self.chat.provider == "openai"


def read_settings() -> Settings:
    """The settings of this process; a wrong or unknown variable is named with its remedy."""
    _refuse_unknown()
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{_variable(e['loc'])}: {e['msg']} (it is {e['input']!r})" for e in error.errors()
        ]
        raise Misconfigured("Wrong settings:\n  " + "\n  ".join(lines)) from error


def variables() -> dict[str, tuple[str, str]]:
    """Every environment variable with its default and its meaning, as the reference lists them.

    What carries a name of the user's own stands there once, as `<NAME>`.
    """
    found: dict[str, tuple[str, str]] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Section):
            found.update(_section(f"{PREFIX}{name}", type(field.default)))
        elif name == "providers":
            found.update(_section(f"{PREFIX}{name}__{_OWN_NAME}", ProviderSettings))
        else:
            alias = field.validation_alias
            key = alias if isinstance(alias, str) else f"{PREFIX}{name}".upper()
            found[key] = (_shown(field.default), field.description or "")
    return found


def _section(prefix: str, section: type[Section]) -> dict[str, tuple[str, str]]:
    fields = section.model_fields.items()
    return {
        f"{prefix}__{name}{f'__{_OWN_NAME}' if field.default == {} else ''}".upper(): (
            _shown(field.default),
            field.description or "",
        )
        for name, field in fields
    }


def _shown(default: object) -> str:
    return (
        ""
        if default is None or default == {}
        else str(default).lower()
        if isinstance(default, bool)
        else str(default)
    )


def _variable(loc: tuple[int | str, ...]) -> str:
    name = "__".join(str(part) for part in loc).upper()
    return name if name.startswith(_USUAL) else PREFIX + name


def _refuse_unknown() -> None:
    known = variables()
    for name in os.environ:
        if not name.startswith(PREFIX) or name.startswith(_OTHER_VARIABLES):
            continue
        if not any(_means(name, one) for one in known):
            near = difflib.get_close_matches(name, known, n=1)
            listed = " docs/reference/settings.md lists all settings."
            hint = f" Did you mean {near[0]}?" if near else listed
            raise Misconfigured(f"The environment sets {name}, which is no setting.{hint}")


def _means(name: str, known: str) -> bool:
    if _OWN_NAME not in known:
        return name == known
    return bool(re.fullmatch(known.replace(_OWN_NAME, r"[A-Z0-9]+(_[A-Z0-9]+)*"), name))
