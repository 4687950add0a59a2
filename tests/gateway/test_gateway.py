"""The policies together: which model answers for whom, within which time, and who sees what."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from domain.completion import Account, Completion, Delta
from domain.deadline import Deadline
from domain.errors import (
    DeadlineExceeded,
    InvalidInput,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.gateway import GatewayConfig, Route
from gateway.policy.breaker import BreakerConfig
from gateway.policy.throttle import ThrottleConfig
from gateway.policy.watch import WatchConfig
from gateway.retry import RetryConfig
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import REQUEST, MemoryLedger, Scripted, heard, said

FAST = GatewayConfig(retry=RetryConfig(first_wait=0.001))
AWAY = ModelUnreachable("away", transient=True)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


async def test_a_tier_has_models_of_its_own(ledger: MemoryLedger) -> None:
    mini, pro = Scripted(said("mini")), Scripted(said("pro"))
    tiers = {"pro": [Route(a_lane(pro))]}
    gateway = a_gateway(a_lane(mini), ledger=ledger, tiers=tiers)
    assert (await gateway.complete(replace(REQUEST, tier="pro"))).text == "pro"
    assert (await gateway.complete(REQUEST)).text == "mini"


async def test_a_tier_that_is_not_there_is_named(ledger: MemoryLedger) -> None:
    gateway = a_gateway(
        a_lane(Scripted()), ledger=ledger, tiers={"pro": [Route(a_lane(Scripted()))]}
    )
    with pytest.raises(InvalidInput, match="no tier 'huge'; there are pro") as caught:
        await gateway.complete(replace(REQUEST, tier="huge"))
    assert caught.value.field == "tier"


async def test_a_business_line_calls_with_its_own_key(ledger: MemoryLedger) -> None:
    usual, marketing = Scripted(said("usual")), Scripted(said("marketing"))
    route = Route(a_lane(usual), {"marketing": a_lane(marketing, "any/scripted@marketing")})
    gateway = a_gateway(ledger=ledger, tiers={"mini": [route]}, chain=[route])
    request = replace(REQUEST, account=Account(feature="Marketing"))
    assert (await gateway.complete(request)).text == "marketing"
    assert (await gateway.complete(replace(REQUEST, account=Account(feature="x")))).text == "usual"


async def test_an_answer_says_whose_it_is_and_how_many_calls_failed(ledger: MemoryLedger) -> None:
    first, second = Scripted([AWAY], [AWAY], [AWAY], [AWAY]), Scripted([AWAY], said("yes"))
    gateway = a_gateway(a_lane(first, "a/x"), a_lane(second, "b/y"), ledger=ledger, config=FAST)
    completion = await gateway.complete(REQUEST)
    assert (completion.provider, completion.retries) == ("b", 5)
    assert completion.notes == ("a/x was passed over: away",)


async def test_without_a_deadline_of_its_own_a_request_has_the_configured_one(
    ledger: MemoryLedger,
) -> None:
    gateway = a_gateway(a_lane(Scripted([9.0])), ledger=ledger, config=GatewayConfig(seconds=0.05))
    start = monotonic()
    with pytest.raises(DeadlineExceeded):
        await gateway.complete(REQUEST)
    assert monotonic() - start < 0.15


async def test_a_model_that_would_have_to_wait_too_long_hands_on_to_the_next(
    ledger: MemoryLedger,
) -> None:
    busy, free = Scripted([ModelRateLimited("busy", retry_after=20)]), Scripted(said("yes"))
    gateway = a_gateway(a_lane(busy, "a/x"), a_lane(free, "b/y"), ledger=ledger, config=FAST)
    request = replace(REQUEST, deadline=Deadline.after(5))
    assert (await gateway.complete(request)).text == "yes"


async def test_a_model_that_is_left_alone_costs_the_next_request_no_time(
    ledger: MemoryLedger,
) -> None:
    gone, there = Scripted(*[[AWAY]] * 4), Scripted(said("one"), said("two"))
    lane = a_lane(gone, "a/x", breaker=BreakerConfig(failures=4))
    gateway = a_gateway(lane, a_lane(there, "b/y"), ledger=ledger, config=FAST)
    await gateway.complete(REQUEST)
    await gateway.complete(REQUEST)
    assert len(gone.asked) == 4
    assert [(one.lane, one.state) for one in gateway.health()] == [
        ("a/x", "open"),
        ("b/y", "closed"),
    ]


async def test_retries_draw_on_the_throttle_as_first_calls_do(ledger: MemoryLedger) -> None:
    model = Scripted([AWAY], [AWAY], said("yes"))
    lane = a_lane(model, limits=ThrottleConfig(requests=2))  # of which 1.9 at once
    gateway = a_gateway(lane, ledger=ledger, config=FAST)
    with pytest.raises(DeadlineExceeded, match="turn"):
        await gateway.complete(replace(REQUEST, deadline=Deadline.after(0.5)))
    assert len(model.asked) == 1


async def test_a_wrong_key_is_seen_at_once(ledger: MemoryLedger) -> None:
    second = Scripted(said("yes"))
    wrong = a_lane(Scripted([ModelRejected("401")]), "a/x")
    gateway = a_gateway(wrong, a_lane(second, "b/y"), ledger=ledger)
    with pytest.raises(ModelRejected):
        await gateway.complete(REQUEST)
    assert second.asked == []


async def test_who_stops_listening_ends_the_call_and_pays(ledger: MemoryLedger) -> None:
    model = Scripted(said("one ", "two "))
    gateway = a_gateway(a_lane(model), ledger=ledger)
    pieces = gateway.stream(REQUEST)
    assert await anext(pieces) == Delta("one ")
    await pieces.aclose()
    assert model.under_way == 0
    await gateway.close()
    assert [row.finish for row in ledger.rows] == ["left"]


async def test_a_caller_that_is_cancelled_ends_the_call_and_pays(ledger: MemoryLedger) -> None:
    model = Scripted([9.0])
    gateway = a_gateway(a_lane(model), ledger=ledger)
    call = asyncio.create_task(gateway.complete(REQUEST))
    await asyncio.sleep(0.01)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await gateway.close()
    assert (model.under_way, [row.finish for row in ledger.rows]) == (0, ["left"])


async def test_a_silent_stream_is_ended_after_what_it_said(ledger: MemoryLedger) -> None:
    config = GatewayConfig(watch=WatchConfig(first=5, idle=0.05))
    gateway = a_gateway(a_lane(Scripted([Delta("one"), 9.0])), ledger=ledger, config=config)
    words, error = await heard(gateway.stream(REQUEST))
    assert (words, type(error)) == (["one"], ModelUnreachable)


async def test_a_stream_ends_with_one_completion(ledger: MemoryLedger) -> None:
    gateway = a_gateway(a_lane(Scripted(said("a", "b"))), ledger=ledger)
    items = [item async for item in gateway.stream(REQUEST)]
    assert [isinstance(item, Completion) for item in items] == [False, False, True]


async def test_background_work_is_not_taken_for_silence(ledger: MemoryLedger) -> None:
    model = Scripted([0.1, *said("yes")])
    config = GatewayConfig(watch=WatchConfig(first=0.05, idle=5))
    gateway = a_gateway(a_lane(model), ledger=ledger, config=config)
    assert (await gateway.complete(replace(REQUEST, background=True))).text == "yes"
