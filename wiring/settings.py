"""All settings, read once from the environment. Nothing else reads it.

`FOREBAY_API__PORT=9000` sets `api.port`. OpenAI's own variables are taken under their usual names.
"""

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.errors import Misconfigured
from wiring.settings_search import (
    RerankSettings,
    SearchSettings,
    Section,
    SelectSettings,
    UnderstandSettings,
)

PREFIX = "FOREBAY_"
_OTHER_VARIABLES = ("FOREBAY_TEST_", "FOREBAY_BENCH_")

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]


class ApiSettings(Section):
    host: str = Field(
        "127.0.0.1", description="Address to listen on; others than loopback need a key"
    )
    port: int = Field(8420, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    key: SecretStr | None = Field(
        None, description="Key of the default tenant, sent as `Authorization: Bearer …`"
    )


class QdrantSettings(Section):
    url: str | None = Field(
        None, description="Qdrant server; unset: the embedded engine in the data directory"
    )
    api_key: SecretStr | None = Field(None, description="Key of the Qdrant server")
    grpc: bool = Field(False, description="Talk gRPC to the server (port 6334) instead of HTTP")


class DatabaseSettings(Section):
    url: SecretStr | None = Field(
        None, description="`postgresql://…` or `sqlite:///…`; unset: SQLite in the data directory"
    )


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


class ChatSettings(Section):
    provider: Literal["auto", "openai", "extractive"] = Field(
        "auto",
        description="`openai`, `extractive` (no model), or `auto`: openai given a key or URL",
    )
    model: str = Field("gpt-5.4-mini", description="Model that writes the answers")
    api: Literal["auto", "responses", "chat"] = Field(
        "auto",
        description="`responses`, `chat` (completions), or `auto`: chat when a base URL is set",
    )
    max_output_tokens: int = Field(1024, gt=0, description="Longest answer")


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
    search: SearchSettings = SearchSettings()
    understand: UnderstandSettings = UnderstandSettings()
    select: SelectSettings = SelectSettings()
    rerank: RerankSettings = RerankSettings()
    chunk: ChunkSettings = ChunkSettings()
    ingest: IngestSettings = IngestSettings()
    upload: UploadSettings = UploadSettings()
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

    @property
    def database_url(self) -> str:
        if self.database.url:
            return self.database.url.get_secret_value()
        return f"sqlite:///{(self.data / 'state.db').absolute()}"

    @property
    def answers_with_openai(self) -> bool:
        if self.chat.provider == "auto":
            return bool(self.openai_api_key or self.openai_base_url)
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
    """Every environment variable with its default and its meaning, as the README lists them."""
    found: dict[str, tuple[str, str]] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, Section):
            for inner, f in type(field.default).model_fields.items():
                found[f"{PREFIX}{name}__{inner}".upper()] = (_shown(f.default), f.description or "")
        else:
            alias = field.validation_alias
            key = alias if isinstance(alias, str) else f"{PREFIX}{name}".upper()
            found[key] = (_shown(field.default), field.description or "")
    return found


def _shown(default: object) -> str:
    return (
        ""
        if default is None
        else str(default).lower()
        if isinstance(default, bool)
        else str(default)
    )


def _variable(loc: tuple[int | str, ...]) -> str:
    name = "__".join(str(part) for part in loc).upper()
    return name if name.startswith("OPENAI") else PREFIX + name


def _refuse_unknown() -> None:
    known = variables()
    for name in os.environ:
        if name.startswith(PREFIX) and not name.startswith(_OTHER_VARIABLES) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else " The README lists all settings."
            raise Misconfigured(f"The environment sets {name}, which is no setting.{hint}")
