"""Who is told what happens here, so that it can be measured. This one does nothing with it."""

from domain.records import LedgerRow


class Observer:
    def booked(self, row: LedgerRow) -> None:
        """A call that cost something is over."""

    def failed(self, lane: str, error: Exception) -> None:
        """A call failed; it may be tried again."""

    def waited(self, lane: str, seconds: float) -> None:
        """A call waits for its turn."""

    def spent(self, tenant: str, share: float) -> None:
        """So much of a tenant's money for this month is booked."""
