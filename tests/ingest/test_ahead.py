"""Items are made ahead, in order, and no more than a few."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from ingest.ahead import ahead


class Numbers:
    """Counts to ten, and remembers how far it got."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.made = 0
        self.closed = False
        self._breaks_at = breaks_at

    async def items(self) -> AsyncGenerator[int, None]:
        try:
            while self.made < 10:
                if self.made == self._breaks_at:
                    raise LookupError("broken")
                self.made += 1
                yield self.made
        finally:
            self.closed = True


async def test_all_items_come_in_order() -> None:
    assert [n async for n in ahead(Numbers().items(), 3)] == list(range(1, 11))


async def test_no_more_than_a_few_are_made_ahead() -> None:
    numbers = Numbers()
    async with aclosing(ahead(numbers.items(), 3)) as items:
        await anext(items)
        await asyncio.sleep(0.01)
        assert numbers.made <= 1 + 3 + 1


async def test_an_error_comes_after_the_items_before_it() -> None:
    seen: list[int] = []

    async def see() -> None:
        async for n in ahead(Numbers(breaks_at=4).items(), 2):
            seen.append(n)  # noqa: PERF401 - all of them or none would not do

    with pytest.raises(LookupError):
        await see()
    assert seen == [1, 2, 3, 4]


async def test_who_stops_early_closes_the_source() -> None:
    numbers = Numbers()
    async with aclosing(ahead(numbers.items(), 2)) as items:
        await anext(items)
    assert numbers.closed
