"""Events of an answer are heard by whoever asks for them, for a while."""

import asyncio

import pytest

from domain.errors import NotFound
from wiring.live import Events, Live, LiveConfig, Lives

BROKEN = b"broken"


class Source:
    """Says what it is told to, and remembers whether it was heard to the end."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.ended = ""

    async def events(self) -> Events:
        try:
            while True:
                event = await self.lines.get()
                yield event
                if event[0] == "done":
                    break
            self.ended = "well"
        finally:
            self.ended = self.ended or "stopped"


def begun(**config: float) -> tuple[Source, Lives, Live]:
    source, lives = Source(), Lives(LiveConfig(**config))  # type: ignore[arg-type]
    return source, lives, lives.begin("a", "acme", source.events(), BROKEN)


async def heard(live: Live, after: int = 0, beat: float = 5) -> list[str]:
    return [told.name if told else "beat" async for told in live.hear(after, beat)]


async def test_two_listeners_hear_the_same() -> None:
    source, _, live = begun()
    listening = asyncio.gather(heard(live), heard(live))
    for name in ("retrieval", "delta", "done"):
        source.lines.put_nowait((name, b""))
    first, second = await listening
    assert first == second == ["retrieval", "delta", "done"]


async def test_who_comes_back_hears_what_came_after() -> None:
    source, lives, live = begun()
    for name in ("retrieval", "delta", "done"):
        source.lines.put_nowait((name, b""))
    await heard(live)
    assert await heard(lives.find("acme", "a"), after=1) == ["delta", "done"]


async def test_silence_has_signs_of_life() -> None:
    source, _, live = begun()
    asyncio.get_running_loop().call_later(0.05, source.lines.put_nowait, ("done", b""))
    assert "beat" in await heard(live, beat=0.01)


async def test_an_answer_that_nobody_hears_is_given_up_after_the_grace() -> None:
    source, _, live = begun(grace=0.05)
    source.lines.put_nowait(("retrieval", b""))
    async for _told in live.hear(0, 5):
        break
    await asyncio.wait({live.task})
    assert (source.ended, live.told[-1].data) == ("stopped", BROKEN)


async def test_an_answer_that_is_heard_again_within_the_grace_goes_on() -> None:
    source, _, live = begun(grace=0.1)
    source.lines.put_nowait(("retrieval", b""))
    async for _told in live.hear(0, 5):
        break
    rest = asyncio.create_task(heard(live, after=1))
    await asyncio.sleep(0.2)
    source.lines.put_nowait(("done", b""))
    assert await rest == ["done"]


async def test_closing_ends_every_stream_with_an_error() -> None:
    _, lives, live = begun()
    listening = asyncio.create_task(heard(live))
    await asyncio.sleep(0)
    await lives.close()
    assert await listening == ["error"]


async def test_another_tenant_hears_nothing() -> None:
    _, lives, live = begun()
    with pytest.raises(NotFound):
        lives.find("evil", "a")
    live.stop()


async def test_events_are_forgotten_after_a_while() -> None:
    source, lives, live = begun(kept=0.01)
    source.lines.put_nowait(("done", b""))
    await heard(live)
    await asyncio.sleep(0.05)
    assert not lives.has("acme", "a")


async def test_no_more_than_so_many_are_kept() -> None:
    _, lives, _ = begun(most=2)
    for name in ("b", "c", "d"):
        source = Source()
        source.lines.put_nowait(("done", b""))
        await heard(lives.begin(name, "acme", source.events(), BROKEN))
        await asyncio.sleep(0)
    assert [lives.has("acme", name) for name in "bcd"] == [False, True, True]
    await lives.close()
