"""Tenants' money for a month, and how processes share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Taken:
    """Of a tenant's money for a month, in micro-dollars."""

    amount: int  # that this process has now
    spent: int  # booked, by all
    others: int  # that other processes have taken


class Purse(Protocol):
    """What tenants may spend in a month, shared by all processes.

    A process takes money out in advance and pays its calls with it; what it has taken and not
    spent is free again when it says so, or after some time.
    """

    async def take(
        self, tenant: str, month: str, *, holder: str, amounts: Sequence[int], cap: int, until: str
    ) -> Taken:
        """The holder now has the first of these amounts that the cap allows; if it allows none,
        the last. What it had before is in them.
        """
        ...
