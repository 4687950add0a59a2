"""The settings of providers' prompt caches."""

from pydantic import Field

from gateway.caching.plan import Retention
from wiring.settings_search import Section


class CacheSettings(Section):
    shared: bool = Field(
        False,
        description="Let tenants share OpenAI's prompt cache for whole prompts: a little cheaper, "
        "but by the time of an answer one can tell what another has asked. If not, they share "
        "long prompt sets alone. Other vendors share within an account anyway",
    )
    retention: Retention = Field(
        "24h",
        description="How long OpenAI's models before gpt-5.6 keep a prefix: `24h`, `in_memory` "
        "(minutes; writes no disk), or `auto`, as the organisation has it set",
    )
    warm: str = Field(
        "",
        description="When the service makes caches ready, as in `Mon-Fri 07:55, Sat 09:00`: of "
        "prefixes that are asked for then, where that pays; unset: never",
    )
    timezone: str = Field("UTC", description="Of these times, as in `Europe/Berlin`")
