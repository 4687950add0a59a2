"""What a client sends. What it gets back are the domain's own values, as JSON."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.ingestion import IngestRequest
from wiring.services import SEARCH_CONFIGS
from wiring.settings import Name

QuestionText = Annotated[str, Field(min_length=1, max_length=8000)]
FilterJson = Annotated[
    dict[str, JsonValue],
    Field(description="Conditions on metadata, for example {'year': {'gte': 2024}, 'team': 'ops'}"),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Question(_Body):
    question: QuestionText
    collection: Name | None = None
    filter: FilterJson = {}
    limit: int | None = Field(None, ge=1, le=100)


class SearchBody(_Question):
    explain: bool = Field(
        default=False, description="Name in `dropped` what was considered, each with its ranks"
    )
    config: str = Field("default", json_schema_extra={"enum": [*SEARCH_CONFIGS]})


class AskBody(_Question):
    session: Name | None = Field(None, description="Continue this conversation, or begin it")
    stream: bool = False


class IngestBody(_Body):
    """Only for commands of the same user on the same machine. The tenant is who asks."""

    paths: tuple[str, ...] = Field(min_length=1)
    collection: Name
    root: str | None = None
    prune: bool = False
    dry_run: bool = False
    rebuild: bool = False
    adopt: bool = False
    max_tokens: int | None = None
    overlap: int | None = None
    accept_cost: bool = False

    def request(self, tenant: str) -> IngestRequest:
        return IngestRequest(tenant=tenant, **self.model_dump(exclude={"root"}))


class DeleteBody(_Body):
    """Only for commands of the same user on the same machine."""

    collection: Name
    sources: list[str] = []
    filter: FilterJson = {}
    everything: bool = False
    dry_run: bool = False
