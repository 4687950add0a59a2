"""What every SessionLog must do. Needs a fixture `sessions`, empty."""

import asyncio

import pytest

from domain.errors import InvalidInput
from domain.records import Turn
from domain.state_ports import SessionLog


def a_turn(question: str = "Why?", at: str = "2026-11-03T09:30:00+00:00") -> Turn:
    return Turn(question=question, answer="Because of the “dam” [1].\n🌊", at=at)


class SessionLogContract:
    async def test_turns_come_back_as_they_were_in_the_order_of_appending(
        self, sessions: SessionLog
    ) -> None:
        first, second = a_turn("1", at="2026-11-03T10:00:00+00:00"), a_turn("2")
        await sessions.append("acme", "s", first)
        await sessions.append("acme", "s", second)
        assert await sessions.turns("acme", "s") == [first, second]

    async def test_an_unknown_session_has_no_turns(self, sessions: SessionLog) -> None:
        assert await sessions.turns("acme", "s") == []

    async def test_sessions_are_kept_apart(self, sessions: SessionLog) -> None:
        await sessions.append("acme", "s", a_turn())
        assert await sessions.turns("acme", "t") == []

    async def test_two_tenants_may_use_one_session_name_and_see_their_own(
        self, sessions: SessionLog
    ) -> None:
        await sessions.append("acme", "s", a_turn("acme's"))
        await sessions.append("evil", "s", a_turn("evil's"))
        assert await sessions.turns("evil", "s") == [a_turn("evil's")]

    async def test_turns_at_the_same_time_are_all_kept(self, sessions: SessionLog) -> None:
        turns = [a_turn(str(n)) for n in range(20)]
        await asyncio.gather(*(sessions.append("acme", "s", turn) for turn in turns))
        kept = await sessions.turns("acme", "s")
        assert sorted(kept, key=lambda turn: int(turn.question)) == turns

    @pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b"], ids=["nul", "half a surrogate pair"])
    async def test_a_character_that_databases_refuse_is_replaced(
        self, sessions: SessionLog, odd: str
    ) -> None:
        await sessions.append("acme", "s", a_turn(odd))
        [turn] = await sessions.turns("acme", "s")
        assert turn.question in {"a\ufffdb", "a?b"}

    async def test_a_time_without_offset_is_refused(self, sessions: SessionLog) -> None:
        with pytest.raises(InvalidInput, match="offset"):
            await sessions.append("acme", "s", a_turn(at="2026-11-03T09:30:00"))
