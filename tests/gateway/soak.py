"""Many requests over a provider at its worst, and whether all that was promised held.

`python -m tests.gateway.soak --requests 1000 --seed 1` prints what came of it. Which faults come
is decided by the seed; who meets them, by who comes first.
"""

import argparse
import asyncio
import logging
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import monotonic

from domain.completion import ChatRequest, Completion
from domain.deadline import Deadline
from domain.errors import ForebayError
from gateway.chat.openai_responses import OpenAIResponses
from gateway.gateway import Gateway, GatewayConfig
from gateway.openai_client import OpenAIConfig, open_client
from gateway.policy.breaker import BreakerConfig
from gateway.policy.throttle import ThrottleConfig
from gateway.policy.watch import WatchConfig
from gateway.retry import RetryConfig
from prompts.compose import compose
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import MemoryLedger
from tests.provider.faults import Fault
from tests.provider.script import Reply
from tests.provider.server import Provider, provider
from tests.provider.tokens import counter

MODELS = ("gpt-5.4-mini", "gpt-5.4-nano")
LIMIT = 500  # requests a minute, each model
AT_ONCE = 12
FAULTY, LEAVING = 0.2, 0.05  # shares
PACE = Fault("trickle", seconds=0.02)  # as models speak: who leaves leaves between two words
REQUEST = ChatRequest(compose("How long?", []))
CONFIG = GatewayConfig(retry=RetryConfig(first_wait=0.02), watch=WatchConfig(first=0.6, idle=0.6))
BREAKER = BreakerConfig(rest=0.05, rest_without_balance=0.05)

STATUSES = (400, 401, 402, 403, 429, 500, 502, 503, 504)
WIRE = (
    Fault("silence", seconds=9),
    Fault("stall", 6, 9),
    Fault("trickle", seconds=0.2),
    Fault("close", 6),
    Fault("torn", 7),
    Fault("broken", 6),
    Fault("reset", 7),
    Fault("repeat", 6),
    Fault("no end"),
    Fault("broken"),
)


@dataclass(slots=True)
class Outcome:
    """Of one request, as its caller saw it."""

    text: str = ""
    whole: bool = False
    left: bool = False
    error: str = ""
    beyond: float = 0.0  # seconds, of its deadline


@dataclass(slots=True)
class Report:
    outcomes: list[Outcome] = field(default_factory=list)
    garbled: list[str] = field(default_factory=list)  # texts that nobody said like that
    beyond: float = 0.0  # the latest of all
    lag: float = 0.0  # seconds that this process could not do anything
    unbooked: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    unbilled: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    in_flight: int = 0  # tokens that were on their way when we ended a call
    cut: int = 0  # calls that we ended
    over_limit: float = 0.0  # requests, of what a bucket at the provider allows
    calls: int = 0
    seconds: float = 0.0


def replies(seed: int, number: int) -> Iterator[Reply]:
    chance = random.Random(seed)
    for at in range(number):
        words = " ".join(chance.choice(("hay", "rye", "oat")) for _ in range(6))
        reply = Reply(f"{at}: {words}", fault=PACE)
        if chance.random() < FAULTY:
            reply = _faulty(reply, chance)
        yield reply


def _faulty(reply: Reply, chance: random.Random) -> Reply:
    if chance.random() < 0.5:
        after = (("retry-after", "0.03"),) if chance.random() < 0.3 else ()
        return replace(reply, fault=None, status=chance.choice(STATUSES), headers=after)
    return replace(reply, fault=chance.choice(WIRE))


async def soak(requests: int, seed: int) -> Report:
    ledger, report = MemoryLedger(), Report()
    counter().count("")  # loads the vocabulary
    with provider() as served:
        served.answer(*replies(seed, 6 * requests))
        said = [reply.text for reply in served.replies]
        async with open_client(OpenAIConfig("sk", base_url=served.url)) as client:
            lanes = [
                a_lane(
                    OpenAIResponses(client, model),
                    f"openai/{model}",
                    limits=ThrottleConfig(LIMIT),
                    breaker=BREAKER,
                )
                for model in MODELS
            ]
            gateway = a_gateway(*lanes, ledger=ledger, config=CONFIG)
            start = monotonic()
            looking = asyncio.create_task(_lag(report))
            report.outcomes = await _all(gateway, requests, seed)
            looking.cancel()
            report.seconds = monotonic() - start
            await gateway.close()
        await asyncio.sleep(0.5)  # the provider notices ends by itself
        _judge(report, served, ledger, said)
    return report


async def _lag(report: Report) -> None:
    while True:
        due = monotonic() + 0.01
        await asyncio.sleep(0.01)
        report.lag = max(report.lag, monotonic() - due)


async def _all(gateway: Gateway, requests: int, seed: int) -> list[Outcome]:
    chance, turns = random.Random(seed + 1), asyncio.Semaphore(AT_ONCE)

    async def one(seconds: float, kind: float, stays: int) -> Outcome:
        async with turns:
            request = replace(REQUEST, deadline=Deadline.after(seconds))
            if kind < LEAVING:
                return await _stream(gateway, request, stays)
            if kind < 0.5:
                return await _stream(gateway, request, None)
            return await _whole(gateway, request)

    wanted = [
        (chance.uniform(1, 4), chance.random(), chance.randint(1, 4)) for _ in range(requests)
    ]
    return await asyncio.gather(*(one(*each) for each in wanted))


async def _stream(gateway: Gateway, request: ChatRequest, stays: int | None) -> Outcome:
    outcome = Outcome(left=stays is not None)
    try:
        async with aclosing(gateway.stream(request)) as items:
            heard = 0
            async for item in items:
                if isinstance(item, Completion):
                    outcome.whole = True
                    assert item.text == outcome.text
                    break
                outcome.text += item.text
                heard += 1
                if heard == stays:
                    break
    except ForebayError as error:
        outcome.error = type(error).__name__
    return _timed(outcome, request)


async def _whole(gateway: Gateway, request: ChatRequest) -> Outcome:
    outcome = Outcome()
    try:
        outcome.text = (await gateway.complete(request)).text
        outcome.whole = True
    except ForebayError as error:
        outcome.error = type(error).__name__
    return _timed(outcome, request)


def _timed(outcome: Outcome, request: ChatRequest) -> Outcome:
    assert request.deadline
    outcome.beyond = max(0.0, monotonic() - request.deadline.at)
    return outcome


def _judge(report: Report, served: Provider, ledger: MemoryLedger, said: list[str]) -> None:
    report.calls = len(served.received)
    report.beyond = max(outcome.beyond for outcome in report.outcomes)
    report.garbled = [o.text for o in report.outcomes if not _said(o, said)]
    cut = [row for row in ledger.rows if row.finish in {"left", "late"}]
    report.cut = len(cut)
    ours = Counter(
        (r.usage.input, r.usage.output, r.cost_microdollars)
        for r in ledger.rows
        if r.finish not in {"left", "late"}
    )
    theirs = Counter((s.input, s.output, s.cost_microdollars) for s in served.served)
    report.unbilled = ours - theirs
    report.unbooked = theirs - ours  # the calls that we ended, unless something is wrong
    flying = sum(output * n for (_, output, _), n in report.unbooked.items())
    report.in_flight = flying - sum(row.usage.output for row in cut)
    report.over_limit = max(_over(times) for times in _arrivals(served))


def _said(outcome: Outcome, said: list[str]) -> bool:
    if outcome.whole:
        return outcome.text in said
    return not outcome.text or any(text.startswith(outcome.text) for text in said)


def _arrivals(served: Provider) -> Iterator[list[float]]:
    for model in MODELS:
        yield [one.at for one in served.received if one.body.get("model") == model]


def _over(times: Iterable[float]) -> float:
    """How far a bucket of a minute's worth, which the first request found full, is overdrawn."""
    level, last, worst = float(LIMIT), None, 0.0
    for at in times:
        level = min(LIMIT, level + (at - (last or at)) * LIMIT / 60) - 1
        last, worst = at, max(worst, -level)
    return worst


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # the provider writes to who has left
    report = asyncio.run(soak(wanted.requests, wanted.seed))
    outcomes = Counter(o.error or ("left" if o.left else "answered") for o in report.outcomes)
    print(f"{len(report.outcomes)} requests, {report.calls} calls, {report.seconds:.0f} s")
    print("outcomes:", ", ".join(f"{name} {n}" for name, n in outcomes.most_common()))
    late, lag = report.beyond * 1000, report.lag * 1000
    print(
        f"garbled {len(report.garbled)}; latest {late:.0f} ms beyond a deadline, lag {lag:.0f} ms"
    )
    print(f"booked and not billed {report.unbilled.total()}")
    flying = f"billed {report.unbooked.total()}, tokens in flight {report.in_flight}"
    print(f"calls that we ended: booked {report.cut}, {flying}")
    print(f"requests over the limit {report.over_limit:.1f}")


if __name__ == "__main__":
    main()
