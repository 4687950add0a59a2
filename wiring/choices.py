"""What one question wants otherwise than the settings say; what it leaves out stays as it is set.

Its fields bear the settings' names and keep to their limits: what FOREBAY_SELECT__MMR sets for
all, `select.mmr` sets for one question. Knows neither HTTP nor the command line.
"""

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from domain.errors import InvalidInput
from wiring.settings import Settings
from wiring.settings_search import SelectSettings, UnderstandSettings

S = TypeVar("S", bound=BaseModel)


def _without_defaults(schema: dict[str, JsonValue]) -> None:
    """They are the service's settings: a client that fills them in would override those."""
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for field in properties.values():
        assert isinstance(field, dict)
        field.pop("default", None)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, said: object) -> object:
        for name in said if isinstance(said, dict) else ():
            if name not in cls.model_fields:
                known = ", ".join(sorted(cls.model_fields))
                raise PydanticCustomError(
                    "unknown_field",
                    "There is no field '{field}'; there are {known}.",
                    {"field": name, "known": known},
                )
        return said


class SelectChoice(Strict, SelectSettings):
    model_config = ConfigDict(json_schema_extra=_without_defaults)


class UnderstandChoice(Strict, UnderstandSettings):
    model_config = ConfigDict(json_schema_extra=_without_defaults)


class RerankChoice(Strict):
    model_config = ConfigDict(json_schema_extra=_without_defaults)

    depth: int = Field(40, gt=0, le=1000, description="Passages that the reranker reads")
    seconds: float = Field(2, gt=0, le=60, description="Time for reranking")


class Choices(Strict):
    depth: int | None = Field(None, gt=0, le=1000, description="Candidates each leg brings")
    insist: Literal["off", "prefer", "must"] | None = Field(
        None, description="On the question's quoted phrases and codes"
    )
    context_tokens: int | None = Field(
        None, gt=0, le=80_000, description="Tokens of passages that the model is shown"
    )
    rerank: bool | RerankChoice | None = Field(
        None, description="Whether a reranker reads the first passages, and how many"
    )
    select: SelectChoice | None = Field(
        None, description="What is shown; a search gives only that, once this is set"
    )
    understand: UnderstandChoice | None = Field(
        None, description="What else is searched for the question; a search does so once it is set"
    )

    @property
    def reranks(self) -> bool | None:
        return None if self.rerank is None else self.rerank is not False

    @property
    def selects(self) -> bool:
        return self.select is not None or self.context_tokens is not None

    def over(self, settings: Settings) -> Settings:
        """The settings that this question has."""
        self._refuse_what_is_not_there(settings)
        named = {"depth": self.depth, "insist": self.insist, "context_tokens": self.context_tokens}
        search = {name: value for name, value in named.items() if value is not None}
        rerank = self.rerank if isinstance(self.rerank, RerankChoice) else None
        if not (search or rerank or self.select or self.understand):
            return settings
        return settings.model_copy(
            update={
                "search": settings.search.model_copy(update=search),
                "rerank": _over(settings.rerank, rerank),
                "select": _over(settings.select, self.select),
                "understand": _over(settings.understand, self.understand),
            }
        )

    def _refuse_what_is_not_there(self, settings: Settings) -> None:
        if self.reranks and settings.rerank.provider == "none":
            raise InvalidInput(
                "This service has no reranker. Leave `rerank` out, or set "
                "FOREBAY_RERANK__PROVIDER.",
                field="rerank",
            )
        if self.understand and self.understand.asks_a_model and not settings.answers_with_openai:
            raise InvalidInput(
                "This service has no chat model that could read the question. Leave out "
                "`wordings` and `passage`, and of `rewrite` take `words`.",
                field="understand",
            )


def _over(section: S, choice: BaseModel | None) -> S:
    return section.model_copy(update=choice.model_dump(exclude_unset=True)) if choice else section


AS_SET = Choices()
