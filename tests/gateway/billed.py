"""What the provider would send a bill for, once it has made it out."""

import asyncio

from tests.provider.account import Served
from tests.provider.server import Provider


async def billed(provider: Provider, since: float) -> Served:
    """Of the first answer from then on. Made out in the provider's own thread, after its end."""
    async with asyncio.timeout(1):
        while not (found := [one for one in provider.served if one.at >= since]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found[0]
