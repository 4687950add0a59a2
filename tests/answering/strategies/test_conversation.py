"""A long conversation: minutes of its beginning, its last turns, and a cache that survives."""

from dataclasses import replace
from itertools import pairwise

import pytest

from domain.errors import InvalidInput
from tests.answering.strategies.place import Place
from tests.contracts.chunk_store import TENANT
from tests.provider.script import Reply


async def ask(place: Place, text: str = "And now?") -> list[str]:
    """The texts that the model was sent for it, without the tail."""
    await place.ask(text, strategy="conversation", session="s")
    return place.sent()[:-1]


@pytest.fixture
async def talk(place: Place) -> Place:
    await place.hold("a.md", "The road leads north.")
    return place


async def test_a_short_conversation_stands_word_for_word(talk: Place) -> None:
    await talk.said(23)
    texts = await ask(talk)
    assert len(talk.provider.received) == 1
    assert [text for text in texts if text.startswith("Answer ")] == [
        f"Answer {n}." for n in range(23)
    ]


async def test_after_20_turns_a_model_writes_the_minutes_of_them(talk: Place) -> None:
    await talk.said(24)
    talk.provider.say("They asked 20 questions.", "It leads north [1].")
    texts = await ask(talk)
    assert "Question 19?" in talk.sent(0)[-1]
    assert "Question 20?" not in talk.sent(0)[-1]
    assert any("They asked 20 questions." in text for text in texts)
    assert [text for text in texts if text.startswith("Answer ")] == [
        f"Answer {n}." for n in range(20, 24)
    ]


async def test_minutes_are_written_once(talk: Place) -> None:
    await talk.said(24)
    for _ in range(3):
        await ask(talk)
    assert len(talk.provider.received) == 4
    assert len(await talk.state.episodes.episodes(TENANT, "s")) == 1


async def test_between_two_episodes_the_conversation_only_grows(talk: Place) -> None:
    await talk.said(24)
    texts = [await ask(talk, f"And {n}?") for n in range(19)]
    for before, after in pairwise(texts):
        assert after[: len(before)] == before


async def test_an_episode_that_is_closed_leaves_those_before_it_as_they_were(talk: Place) -> None:
    await talk.said(43)
    talk.provider.say("First minutes.")
    before = await ask(talk)
    talk.provider.say("Second minutes.")
    after = await ask(talk)
    first = next(n for n, text in enumerate(before) if "First minutes." in text)
    assert after[: first + 1] == before[: first + 1]
    assert "Second minutes." in after[first + 1]


async def test_without_minutes_the_turns_stay_and_a_note_says_why(talk: Place) -> None:
    await talk.said(24)
    talk.provider.answer(Reply(refusal=True))
    answer = await talk.ask(strategy="conversation", session="s")
    assert "Answer 0." in talk.sent()
    assert answer.notes[0].startswith("The conversation was not shortened: ")
    assert await talk.state.episodes.episodes(TENANT, "s") == []


async def test_who_has_no_model_that_writes_sees_the_last_turns(talk: Place) -> None:
    await talk.said(30)
    talk.services = replace(talk.services, generates=False)
    texts = await ask(talk)
    assert [text for text in texts if text.startswith("Answer ")] == [
        f"Answer {n}." for n in range(20, 30)
    ]


async def test_a_conversation_needs_a_session(talk: Place) -> None:
    with pytest.raises(InvalidInput, match="session"):
        await talk.ask(strategy="conversation")
