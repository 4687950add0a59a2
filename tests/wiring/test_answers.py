"""Answers that outlive their request, and the process that they were begun in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import InvalidInput, NotFound, StillAnswering
from domain.jobs import JobState
from domain.kept import KeptAnswer
from domain.records import Turn
from wiring.answers import Answers, AnswersConfig, a_kept, serving
from wiring.live import Lives
from wiring.retention import days_of, forget_old
from wiring.settings_answers import SessionSettings
from wiring.state.database import State, open_state
from wiring.webhook import Webhook, secret_of

QUICK = AnswersConfig(idle=0.02, look=0.01, patience=0.1, again=(0.01, 0.01))
AGO = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


class Giver:
    """Answers when it may, and counts."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.begun = 0

    async def give(self, kept: KeptAnswer) -> tuple[JobState, str]:
        self.begun += 1
        await self.may.wait()
        return "done", f'"{kept.asked}"'


def over(state: State, giver: Giver) -> Answers:
    webhook = Webhook(state.secret, private=False, loopback=True)
    return Answers(
        state.kept,
        Lives(),
        webhook,
        give=giver.give,
        write=lambda kept: kept.result.encode(),
        config=QUICK,
    )


async def until(answers: Answers, id_: str, true: Callable[[KeptAnswer], bool]) -> KeptAnswer:
    for _ in range(500):
        if true(found := await answers.find("acme", id_)):
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"it did not come to it: {found}")


async def until_over(answers: Answers, id_: str) -> KeptAnswer:
    return await until(answers, id_, lambda kept: kept.over)


async def test_what_was_begun_is_ended_by_the_next_process(state: State) -> None:
    first, second = Giver(), Giver()
    async with serving(over(state, first)) as answers:
        kept = await answers.begin(replace(a_kept("acme", "m"), asked="why"))
        await until(answers, kept.id, lambda _: first.begun == 1)
    second.may.set()
    async with serving(over(state, second)) as answers:
        found = await until_over(answers, kept.id)
    assert (found.state, found.result, found.asked) == ("done", '"why"', "")


async def test_what_a_killed_process_held_is_taken_up_when_its_time_is_over(state: State) -> None:
    held = replace(a_kept("acme", "m"), background=True, held_until=AGO, attempts=1)
    await state.kept.add(held)
    giver = Giver()
    giver.may.set()
    async with serving(over(state, giver)) as answers:
        assert (await until_over(answers, held.id)).state == "done"


async def test_what_ends_the_process_again_and_again_is_given_up(state: State) -> None:
    held = replace(a_kept("acme", "m"), background=True, held_until=AGO, attempts=3)
    await state.kept.add(held)
    giver = Giver()
    async with serving(over(state, giver)) as answers:
        assert (await until_over(answers, held.id)).state == "failed"
    assert giver.begun == 0


async def test_who_comes_second_under_a_key_waits_and_then_is_told_to_come_later(
    state: State,
) -> None:
    answers = over(state, Giver())
    assert await answers.once(a_kept("acme", "m", key="k")) is None
    with pytest.raises(StillAnswering):
        await answers.once(a_kept("acme", "m", key="k"))


async def test_a_key_that_a_killed_process_left_behind_is_free_again(state: State) -> None:
    await state.kept.add(replace(a_kept("acme", "m", key="k"), held_until=AGO))
    assert await over(state, Giver()).once(a_kept("acme", "m", key="k")) is None


async def test_a_key_is_a_tenant_s_own(state: State) -> None:
    answers = over(state, Giver())
    assert await answers.once(a_kept("acme", "m", key="k")) is None
    assert await answers.once(a_kept("evil", "other", key="k")) is None
    with pytest.raises(InvalidInput, match="another request"):
        await answers.once(a_kept("acme", "other", key="k"))


async def test_a_callback_that_is_never_taken_is_given_up(state: State) -> None:
    giver = Giver()
    giver.may.set()
    async with serving(over(state, giver)) as answers:
        wish = replace(a_kept("acme", "m"), callback="http://127.0.0.1:9/hook")
        kept = await answers.begin(wish)
        await until(answers, kept.id, lambda kept: not kept.callback)


async def test_a_private_address_is_called_where_that_is_allowed(state: State) -> None:
    allowed = Webhook(state.secret, private=True, loopback=False)
    assert await allowed.check("https://10.0.0.8/hook") == "10.0.0.8"
    refused = Webhook(state.secret, private=False, loopback=False)
    with pytest.raises(InvalidInput, match="not public"):
        await refused.check("http://127.0.0.1/hook")


def test_no_tenant_can_sign_for_another() -> None:
    assert secret_of(b"k", "acme") != secret_of(b"k", "evil")


async def test_a_tenant_s_conversations_are_kept_as_long_as_it_is_set(state: State) -> None:
    settings = SessionSettings(days=30, tenants={"acme_co": 400})
    now = datetime(2026, 6, 1, tzinfo=UTC)
    for tenant in ("Acme-Co", "evil"):
        await state.sessions.append(tenant, "s", Turn("q", "a", "2026-01-01T00:00:00+00:00"))
    assert await forget_old(settings, state, now) == 1
    assert await state.sessions.tenants() == ["Acme-Co"]


def test_without_a_setting_conversations_stay() -> None:
    assert days_of(SessionSettings(), "acme") is None


async def test_kept_answers_go_after_a_day(state: State) -> None:
    kept = a_kept("acme", "m")
    await state.kept.add(kept)
    await forget_old(SessionSettings(), state, datetime.now(UTC) + timedelta(days=2))
    with pytest.raises(NotFound):
        await over(state, Giver()).find("acme", kept.id)
