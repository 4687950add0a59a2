"""The settings of HTTP: where it listens, who may ask, and how much."""

from pydantic import Field, SecretStr

from wiring.settings_search import Section


class ApiSettings(Section):
    host: str = Field(
        "127.0.0.1", description="Address to listen on; others than loopback need a key"
    )
    port: int = Field(8420, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    key: SecretStr | None = Field(
        None,
        description="Key of the default tenant, sent as `Authorization: Bearer …`, for everything; "
        "`forebay keys` makes others",
    )
    workers: int = Field(
        1, ge=1, le=256, description="Processes that answer; several need a Qdrant server"
    )
    metrics_key: SecretStr | None = Field(
        None,
        description="Key that shows `/metrics` and nothing else, for Prometheus; "
        "`FOREBAY_API__KEY` does too",
    )
    requests_a_minute: int | None = Field(
        None,
        gt=0,
        description="That one key may send, where it has no limit of its own; unset: any",
    )
    seconds: float = Field(
        900, gt=0, description="Time from the end of a request to the beginning of its answer"
    )
    drain_seconds: int = Field(
        20, ge=0, description="Time that answers have to end, once the service is told to stop"
    )
    origins: tuple[str, ...] | None = Field(
        None,
        description='Web sites whose pages may ask, as in `["https://wiki.example.com"]`; '
        "unset: none",
    )
    hsts: bool = Field(
        False, description="Tell browsers to come by HTTPS only; where TLS ends in front of it"
    )
