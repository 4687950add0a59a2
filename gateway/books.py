"""The ledger as the service writes it: rows together, a moment later, so that no answer waits.

Whoever is killed loses the rows of that moment. A ledger that cannot be written now is tried again;
rows beyond what is kept waiting, and those that it will not take, go to the log instead.
Knows no model.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from domain.errors import ForebayError, Unavailable
from domain.records import LedgerRow
from domain.request_id import REQUEST_ID
from domain.state_ports import Ledger

_LOG = logging.getLogger(__name__)
_EVERY = 0.1  # seconds; with the writing itself a kill loses 0.2 where the disk is not busy
_MOST = 10_000  # rows that wait


class Books:
    """Implements domain.state_ports.Ledger. `seen` is told of every row at once."""

    def __init__(
        self, ledger: Ledger, *, mark: bytes = b"", seen: Callable[[LedgerRow], None] | None = None
    ) -> None:
        self.mark = mark  # the key of `input_mark`
        self._ledger = ledger
        self._seen = seen
        self._waiting: list[LedgerRow] = []
        self._then: list[Callable[[], None]] = []
        self._writing = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None

    async def book(self, *rows: LedgerRow) -> None:
        for row in rows:
            self.put(row)

    def put(self, row: LedgerRow) -> None:
        row = replace(row, request=row.request or REQUEST_ID.get())
        if self._seen:
            self._seen(row)
        if len(self._waiting) >= _MOST:
            _lost([row], "too many are waiting already")
            return
        self._waiting.append(row)
        self._write_soon()

    def afterwards(self, call: Callable[[], None]) -> None:
        """Calls it when all that was put until now is written."""
        self._then.append(call)
        self._write_soon()

    async def spent_microdollars(self, tenant: str, since: str) -> int:
        await self.flush()
        return await self._ledger.spent_microdollars(tenant, since)

    async def flush(self) -> None:
        async with self._writing:
            rows, self._waiting = self._waiting, []
            then, self._then = self._then, []
            try:
                if rows:
                    await self._ledger.book(*rows)
            except Unavailable:
                self._waiting, self._then = rows + self._waiting, then + self._then
                raise
            except ForebayError:  # one of them: the others shall not wait for it
                await self._one_by_one(rows)
        for call in then:
            call()

    async def close(self) -> None:
        """When every row is written, or cannot be."""
        if self._soon:
            self._soon.cancel()
            with suppress(asyncio.CancelledError):
                await self._soon
        try:
            await self.flush()
        except Unavailable as error:
            _lost(self._waiting, error)

    def _write_soon(self) -> None:
        if self._soon is None or self._soon.done():
            self._soon = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting or self._then:
            await asyncio.sleep(_EVERY)
            try:
                await asyncio.shield(self.flush())
            except Unavailable as error:
                _LOG.warning("%d model calls wait to be booked: %s", len(self._waiting), error)

    async def _one_by_one(self, rows: Sequence[LedgerRow]) -> None:
        for row in rows:
            try:
                await self._ledger.book(row)
            except ForebayError as error:
                _lost([row], error)


def _lost(rows: Sequence[LedgerRow], why: str | ForebayError) -> None:
    for row in rows:
        _LOG.error(
            "A model call is missing in the ledger (%s): %s, %s, %d micro-dollars, %s",
            why, row.tenant, row.model, row.cost_microdollars, row.usage,
        )  # fmt: skip
