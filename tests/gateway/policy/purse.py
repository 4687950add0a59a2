"""Tenants' money in memory, for tests of several processes in one."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from domain.purse import Taken
from domain.records import LedgerRow


class MemoryPurse:
    """Implements domain.purse.Purse, and a ledger that it hears of what is spent from."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self.advances: dict[tuple[str, str], tuple[int, datetime]] = {}
        self.asked = 0
        self.worst = 0  # that was spent or taken at once

    async def take(
        self, tenant: str, month: str, *, holder: str, amounts: Sequence[int], cap: int, until: str
    ) -> Taken:
        del month
        self.asked += 1
        others = sum(
            amount
            for (whose, one), (amount, end) in self.advances.items()
            if whose == tenant and one != holder and end > datetime.now(UTC)
        )
        room = cap - self.spent[tenant] - others
        amount = next((one for one in amounts if one <= room), amounts[-1])
        self.advances[tenant, holder] = amount, datetime.fromisoformat(until)
        return Taken(amount, self.spent[tenant], others)

    async def book(self, *rows: LedgerRow) -> None:
        for row in rows:
            self.spent[row.tenant] += row.cost_microdollars
            self.worst = max(self.worst, self.spent[row.tenant])

    async def spent_microdollars(self, tenant: str, since: str) -> int:
        del since
        return self.spent[tenant]
