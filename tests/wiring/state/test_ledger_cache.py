"""What prompt caches did is booked with each call, and summed up by what one asks."""

from dataclasses import replace

import pytest

from domain.completion import CacheMiss, CacheOutcome, Usage
from domain.records import LedgerRow
from gateway.canary import CHAIN
from tests.contracts.state_ledger import NOVEMBER, a_row
from wiring.state.database import State
from wiring.state.ledger_cache import Miss, Prefixes, asked_with, cache_figures, prefixes

OUTCOME = CacheOutcome(3_100, 3_072, "hit", "3,072 tokens were read.", 2_000, 2_500)


def a_call(
    why: CacheMiss = "hit", *, cached: int = 3_072, says: str = "", **more: object
) -> LedgerRow:
    row = replace(a_row(), usage=Usage(input=4_000, cached=cached, output=100))
    return replace(row, cache=replace(OUTCOME, why=why, says=says), **more)  # type: ignore[arg-type]


async def test_what_is_booked_is_read_as_it_was(state: State) -> None:
    rows = [replace(a_row(), cache=OUTCOME), a_row()]
    await state.ledger.book(*rows)
    assert [row.cache for row in await state.ledger.rows("acme", NOVEMBER)] == [OUTCOME, None]


async def test_calls_of_a_version_are_summed_up_with_their_misses(state: State) -> None:
    await state.ledger.book(a_call(), a_call("cold", cached=0), a_call("cold", cached=0))
    (found,) = await cache_figures(state.database, ["version"], NOVEMBER)
    assert found.group == ("answer/v1",)
    assert (found.calls, found.prefix, found.cacheable) == (3, 9_300, 9_216)
    assert found.efficiency == pytest.approx(1 / 3)
    assert found.misses == (Miss("cold", 2),)


async def test_a_changed_prefix_is_told_by_its_block(state: State) -> None:
    await state.ledger.book(*(a_call("changed", says=f"in {n}") for n in ("a", "b", "a")))
    (found,) = await cache_figures(state.database, ["model"], NOVEMBER)
    assert found.misses == (Miss("changed", 2, "in a"), Miss("changed", 1, "in b"))


async def test_more_than_could_be_read_makes_no_efficiency_above_one(state: State) -> None:
    await state.ledger.book(a_call(cached=3_900), a_call(cached=0))
    (found,) = await cache_figures(state.database, ["model"], NOVEMBER)
    assert found.efficiency == 0.5


@pytest.mark.parametrize(("step", "tokens"), [(1, 3_100), (128, 3_072)])
async def test_what_is_found_behind_the_boundary_is_not_the_prefix(
    state: State, step: int, tokens: int
) -> None:
    await state.ledger.book(
        a_call(cached=3_900), a_call(cached=0), a_call(tenant="evil"), a_call(endpoint="warm")
    )
    asked = "acme", a_row().endpoint, NOVEMBER
    (found,) = await prefixes(state.database, *asked, least=1_024, step=step)
    assert found == Prefixes("answer/v1", 2, 2 * tokens, tokens)
    assert not await prefixes(state.database, *asked, least=4_096, step=step)


async def test_hours_are_those_of_utc(state: State) -> None:
    times = ("2026-11-02T07:59:00+00:00", "2026-11-03T08:00:00+01:00")
    await state.ledger.book(*(a_call(at=at) for at in times))
    (found,) = await cache_figures(state.database, ["hour"], NOVEMBER)
    assert (found.group, found.calls) == (("07:00",), 2)


async def test_a_call_without_a_known_cache_is_left_out(state: State) -> None:
    await state.ledger.book(a_row())
    assert await cache_figures(state.database, ["model"], NOVEMBER) == []


async def test_one_tenant_alone_can_be_asked_for(state: State) -> None:
    await state.ledger.book(a_call(tenant="acme"), a_call(tenant="evil"))
    (found,) = await cache_figures(state.database, ["tenant"], NOVEMBER, "acme")
    assert (found.group, found.calls) == (("acme",), 1)


async def test_what_was_before_does_not_count(state: State) -> None:
    await state.ledger.book(a_call(at="2026-10-31T23:59:00+00:00"))
    assert await cache_figures(state.database, ["tenant"], NOVEMBER) == []


async def test_models_on_trial_have_an_account_of_their_own(state: State) -> None:
    await state.ledger.book(a_call("cold", tier=CHAIN), a_call("hit"), a_call("hit", tier="pro"))
    of = "acme", a_row().prefix_fingerprint, NOVEMBER
    found = [await asked_with(state.database, *of, tried=tried) for tried in (True, False)]
    assert [[one.why for one in asked] for asked in found] == [["cold"], ["hit", "hit"]]
