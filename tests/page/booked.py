"""Two weeks of model calls of three tenants, as the ledger has them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.completion import CacheMiss, CacheOutcome, Usage
from domain.records import LedgerRow
from wiring.state.database import open_state

DAYS = 14
_SHARES = {"default": 5, "harbour": 3, "foundry": 2}  # calls a day
_WHYS: tuple[CacheMiss, ...] = ("hit", "hit", "cold", "tail", "hit", "changed", "provider")
_SAYS = "The prefix changed since the last question, in the system message."


def _call(tenant: str, ago: int, number: int) -> LedgerRow:
    """Of the same number the same, but for its day."""
    why = _WHYS[(number + ago) % len(_WHYS)]
    cacheable = 0 if why == "cold" else 1500
    read = {"hit": 1408, "tail": 1024}.get(why, 0)
    return LedgerRow(
        at=(datetime.now(UTC) - timedelta(days=ago)).isoformat(),
        tenant=tenant,
        endpoint="ask",
        model=("gpt-5.4-mini", "gpt-5.4")[number % 2],
        prompt_version="answer/v1",
        prefix_fingerprint="f",
        usage=Usage(input=3000 + 40 * ago, cached=read, output=120),
        cost_microdollars=900 + 700 * (number % 2) + 60 * ago,
        seconds=0.6 + 0.2 * number + 0.05 * ago,
        finish="stop",
        cache=CacheOutcome(1500, cacheable, why, _SAYS if why == "changed" else "", read // 2),
    )


async def book(data: Path) -> None:
    rows = [
        _call(tenant, ago, number)
        for tenant, calls in _SHARES.items()
        for ago in range(DAYS)
        for number in range(calls)
    ]
    async with open_state(f"sqlite:///{data / 'state.db'}") as state:
        await state.ledger.book(*rows)
