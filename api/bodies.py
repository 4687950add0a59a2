"""What a client sends. What it gets back are the domain's own values, as JSON."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from answering.question import Strategy
from domain.completion import Effort
from domain.ingestion import IngestRequest
from domain.prompt import Detail
from wiring.choices import Choices
from wiring.pins import Change
from wiring.services import SEARCH_CONFIGS
from wiring.settings import Name

QuestionText = Annotated[str, Field(min_length=1, max_length=8000)]
FilterJson = Annotated[
    dict[str, JsonValue],
    Field(description="Conditions on metadata, for example {'year': {'gte': 2024}, 'team': 'ops'}"),
]


Boost = dict[str, JsonValue]
BoostJson = Annotated[
    Boost | list[Boost],
    Field(
        description="What is preferred, for example {'decay': {'field': 'date', 'half_life_days': "
        "90, 'weight': 0.3}} or {'when': {'team': 'ops'}, 'add': 0.5}, or a list of these"
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Question(Choices):
    collection: Name | Annotated[list[Name], Field(min_length=1, max_length=20)] | None = None
    filter: FilterJson = Field({})
    boost: BoostJson | None = None
    limit: int | None = Field(None, ge=1, le=100)
    config: str = Field(
        "default",
        description="Which legs are run and how they are fused",
        json_schema_extra={"enum": [*SEARCH_CONFIGS]},
    )
    explain: bool = Field(
        default=False, description="Name in `dropped` what was considered, each with its ranks"
    )


class ImageBody(_Body):
    """An address that the model's provider fetches, or the bytes."""

    url: Annotated[str, Field(pattern="^https?://", max_length=2000)] | None = None
    data: Annotated[bytes, Field(description="In base64")] | None = None
    media_type: Literal["image/png", "image/jpeg", "image/webp", "image/gif"] | None = None
    detail: Detail = "auto"

    model_config = ConfigDict(extra="forbid", val_json_bytes="base64", ser_json_bytes="base64")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.url is None) == (self.data is None or self.media_type is None):
            raise PydanticCustomError(
                "one_image", "Send either `url`, or `data` with its `media_type`.", {}
            )
        return self


class SearchBody(_Question):
    question: QuestionText | None = None
    questions: Annotated[list[QuestionText], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Instead of `question`: many, embedded in one run"
    )

    @model_validator(mode="after")
    def _asks_one_way(self) -> Self:
        if (self.question is None) == (self.questions is None):
            raise PydanticCustomError(
                "one_way", "Send either `question` or `questions`.", {"field": "question"}
            )
        if self.understand and "rewrite" in self.understand.model_fields_set:
            raise PydanticCustomError(
                "no_conversation",
                "A search has no conversation: `understand.rewrite` is for `/v1/ask`.",
                {"field": "understand"},
            )
        return self


class AskWish(_Question):
    """How a question is to be answered."""

    session: Name | None = Field(None, description="Continue this conversation, or begin it")
    tier: Literal["nano", "mini", "standard", "pro", "auto"] | None = Field(
        None, description="Whose models answer; `auto`: of the tier that it looks to need"
    )
    effort: Effort | None = Field(None, description="How much the model thinks")
    strategy: Strategy = Field(
        "corpus",
        description="How the context is made: of the passages that fit (`corpus`), of one "
        "`document` whole, of a long `conversation`, of a `repository` with a map of its files, of "
        "all documents (`synthesis`), or as the "
        "question looks (`auto`)",
    )
    document: Annotated[str, Field(max_length=2000)] = Field(
        "", description="Source or id of the one that the strategy `document` reads whole"
    )
    accept_cost: bool = Field(
        default=False, description="Read many documents also where that costs more than is set"
    )
    tools: bool = Field(
        default=False,
        description="The model may search again, and read documents, before it answers",
    )
    response_schema: dict[str, JsonValue] | None = Field(
        None, description="JSON schema of the answer, which then stands in `parsed`"
    )
    images: Annotated[list[ImageBody], Field(max_length=8)] = Field(
        [], description="That the model sees with the question"
    )
    budget_dollars: float | None = Field(
        None, gt=0, le=1e6, description="What the model's answer may cost; it is ended there"
    )


class AskBody(AskWish):
    question: QuestionText
    stream: bool = False
    background: bool = Field(
        default=False, description="Answer 202 at once: the answer is at `/v1/answers/{id}`"
    )
    callback: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="Address that is sent the answer given in the background, signed"
    )

    @model_validator(mode="after")
    def _is_told_one_way(self) -> Self:
        if self.background and self.stream:
            raise PydanticCustomError(
                "one_way_to_hear", "Send either `stream` or `background`.", {"field": "background"}
            )
        if self.callback and not self.background:
            raise PydanticCustomError(
                "no_background", "`callback` goes with `background`.", {"field": "callback"}
            )
        return self


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


class PromptBody(_Body):
    """Only for commands of the same user on the same machine."""

    collection: Name
    question: QuestionText
    session: Name | None = None
    strategy: Strategy = "corpus"
    document: str = ""


class PinsBody(_Body):
    """Only for commands of the same user on the same machine."""

    collection: Name
    change: Change = "list"
    names: list[str] = []


class PlanBody(_Body):
    """Only for commands of the same user on the same machine."""

    collection: Name
    days: int = Field(30, ge=1)
    share: float = Field(0, ge=0, le=1)


class DeleteBody(_Body):
    """Only for commands of the same user on the same machine."""

    collection: Name
    sources: list[str] = []
    filter: FilterJson = {}
    everything: bool = False
    dry_run: bool = False


class BackupBody(_Body):
    """Only for commands of the same user on the same machine."""

    folder: Path


class WarmBody(_Body):
    """Only for commands of the same user on the same machine."""

    collection: Name
    force: bool = False
