"""The settings of what may be spent."""

from pydantic import Field

from wiring.settings_models import Key
from wiring.settings_search import Section


class BudgetSettings(Section):
    monthly_dollars: float | None = Field(
        None, ge=0, description="What a tenant may spend in a month (UTC); unset: no cap"
    )
    tenants: dict[Key, float] = Field(
        {}, description="The same for one tenant, named in small letters with `_` for `-` and `.`"
    )
    call_dollars: float | None = Field(
        None, gt=0, description="What one call may cost; a longer answer is ended there"
    )
