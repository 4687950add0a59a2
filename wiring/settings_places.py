"""The settings of where things are kept: chunks, and the state. Does not open anything."""

from pydantic import Field, SecretStr

from wiring.settings_search import Section


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
