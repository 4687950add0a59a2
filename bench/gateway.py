"""What the gateway costs over the bare SDK: time to the first token, and streams a second.

Both ask one provider on loopback, a process of its own that answers at once, through clients set
up alike, in turns. The gateway runs with all its policies: limits on requests and tokens, a second
model to fall back on, a ledger in memory. The bare SDK reads the same events and puts the words
together, no more. Streams are counted by the second of this process's own time: a loop is one core,
and what else the machine does would be counted for whoever happens to run.
"""

import asyncio
import json
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from time import perf_counter, process_time

from openai import AsyncOpenAI
from rich.console import Console
from rich.table import Table

from domain.completion import ChatRequest, Delta
from gateway.chat.openai_responses import OpenAIResponses
from gateway.connection import http_client
from gateway.gateway import Gateway
from gateway.openai_client import OpenAIConfig, open_client
from gateway.policy.throttle import ThrottleConfig
from prompts.compose import compose
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import MemoryLedger
from tests.provider.tokens import counter

MODEL, OTHER = "gpt-5.4-mini", "gpt-5.4-nano"
FIRST_BAR_MS, STREAMS_BAR = 1.0, 0.15
ROUNDS = 15
ASKED = 20  # in a round, for the first token, one after another
AT_ONCE = 64
WORDS = 60  # of an answer
NO_LIMIT = 10**9  # a minute: what is measured is the counting
REQUEST = ChatRequest(compose("How long are backups kept?", []))

Ask = Callable[[], Awaitable[float]]  # seconds to the first word


@dataclass(frozen=True)
class Figures:
    """First tokens: of the least disturbed rounds. Streams: medians, and that of the difference."""

    sdk_first_ms: float
    gateway_first_ms: float
    more_ms: float
    sdk_streams_a_second: float
    gateway_streams_a_second: float
    fewer: float
    words: int
    at_once: int


def main() -> None:
    figures = asyncio.run(_measured())
    _show(figures)
    print(json.dumps(asdict(figures)))
    sys.exit(figures.more_ms > FIRST_BAR_MS or figures.fewer > STREAMS_BAR)


async def _measured() -> Figures:
    counter().count("")  # loads the vocabulary
    async with (
        _provider() as url,
        open_client(OpenAIConfig("sk", base_url=url)) as client,
        AsyncOpenAI(
            api_key="sk", base_url=url, max_retries=0, http_client=http_client("OPENAI_BASE_URL")
        ) as bare,
    ):
        gateway = _gateway(client)
        ways: tuple[Ask, Ask] = (lambda: _bare(bare), lambda: _through(gateway))
        firsts: tuple[list[float], list[float]] = ([], [])
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for way, first in zip(ways, firsts, strict=True):
                first.append(statistics.median([await way() for _ in range(ASKED)]))
            for way, rate in zip(ways, rates, strict=True):
                rate.append(await _rate(way))
    sdk, ours = map(min, firsts)
    fewer = statistics.median(1 - ours / sdk for sdk, ours in zip(*rates, strict=True))
    straight, through = map(statistics.median, rates)
    return Figures(
        sdk_first_ms=round(sdk * 1000, 3),
        gateway_first_ms=round(ours * 1000, 3),
        more_ms=round((ours - sdk) * 1000, 3),
        sdk_streams_a_second=round(straight, 1),
        gateway_streams_a_second=round(through, 1),
        fewer=round(fewer, 3),
        words=WORDS,
        at_once=AT_ONCE,
    )


def _gateway(client: AsyncOpenAI) -> Gateway:
    limits = ThrottleConfig(NO_LIMIT, NO_LIMIT)
    lanes = [a_lane(OpenAIResponses(client, name), limits=limits) for name in (MODEL, OTHER)]
    return a_gateway(*lanes, ledger=MemoryLedger())


async def _bare(client: AsyncOpenAI) -> float:
    start, first, words = perf_counter(), 0.0, []
    events = await client.responses.create(
        model=MODEL,
        input=[
            {"type": "message", "role": m.role, "content": m.text} for m in REQUEST.prompt.messages
        ],
        max_output_tokens=REQUEST.max_output_tokens,
        store=False,
        include=["reasoning.encrypted_content"],
        stream=True,
    )
    async with events:
        async for event in events:
            if event.type == "response.output_text.delta":
                first = first or perf_counter() - start
                words.append(event.delta)
    assert len("".join(words).split()) == WORDS
    return first


async def _through(gateway: Gateway) -> float:
    start, first, words = perf_counter(), 0.0, []
    async for item in gateway.stream(REQUEST):
        if isinstance(item, Delta):
            first = first or perf_counter() - start
            words.append(item.text)
    assert len("".join(words).split()) == WORDS
    return first


async def _rate(ask: Ask) -> float:
    """Streams a second, to their end, all at once."""
    start = process_time()
    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return AT_ONCE / (process_time() - start)


@asynccontextmanager
async def _provider() -> AsyncIterator[str]:
    """A process of its own, so that it takes no time from who is measured."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.gateway_provider", str(WORDS), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


def _show(figures: Figures) -> None:
    table = Table("", "SDK", "gateway", "difference", "bar")
    table.add_row(
        "first token, ms",
        f"{figures.sdk_first_ms:.2f}",
        f"{figures.gateway_first_ms:.2f}",
        f"{figures.more_ms:+.2f}",
        f"+{FIRST_BAR_MS}",
    )
    table.add_row(
        f"streams/s, {AT_ONCE} at once",
        f"{figures.sdk_streams_a_second:.1f}",
        f"{figures.gateway_streams_a_second:.1f}",
        f"{-figures.fewer:+.1%}",
        f"-{STREAMS_BAR:.0%}",
    )
    Console().print(table)


if __name__ == "__main__":
    main()
