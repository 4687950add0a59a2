"""The settings of conversations, and of who is called back with an answer."""

from pydantic import Field

from wiring.settings_models import Key
from wiring.settings_search import Section


class SessionSettings(Section):
    days: float | None = Field(
        None, gt=0, description="Days after its last turn that a conversation is kept; unset: all"
    )
    tenants: dict[Key, float] = Field(
        {}, description="The same for one tenant, named in small letters with `_` for `-` and `.`"
    )


class WebhookSettings(Section):
    private: bool = Field(
        default=False, description="Whether answers may be sent to addresses that are not public"
    )
