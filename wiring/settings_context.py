"""The settings of what a model is given at most."""

from pydantic import Field

from wiring.settings_search import Section


class ContextSettings(Section):
    tokens: int = Field(80_000, gt=0, description="Tokens of a document that a prompt takes whole")
    prompt_tokens: int = Field(
        272_000, gt=0, description="Tokens of a prompt; beyond them gpt-5.4 costs twice as much"
    )
    unasked_dollars: float = Field(
        0.1, ge=0, description="What reading many documents may cost without `--yes`"
    )
