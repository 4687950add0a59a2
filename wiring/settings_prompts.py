"""The settings of what stands before the cache boundary."""

from pathlib import Path

from pydantic import Field

from prompts.sets import Library
from wiring.settings_search import Section


class PromptSettings(Section):
    version: str = Field("answer/v1", description="Prompt set that answers are written with")
    folder: Path | None = Field(
        None, description="Folder with prompt sets of your own, each as `NAME/VERSION/system.md` …"
    )
    variables: dict[str, str] = Field(
        {},
        description="Values of the sets' static variables: `FOREBAY_PROMPT__VARIABLES__COMPANY=…`",
    )
    pinned_tokens: int = Field(
        16_000, ge=0, description="Tokens that may be pinned to a collection"
    )

    @property
    def library(self) -> Library:
        # The environment's names come in any case; a set declares its variables in lower case.
        return Library(self.folder, {name.lower(): value for name, value in self.variables.items()})
