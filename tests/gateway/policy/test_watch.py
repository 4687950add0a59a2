"""A silent model is given up; a slow one is not."""

import pytest

from domain.completion import Delta
from domain.errors import ModelUnreachable
from gateway.policy.watch import WatchConfig, watched
from tests.gateway.policy.scripted import DONE, REQUEST, Scripted, all_of, heard, said

QUICK = WatchConfig(first=0.05, idle=0.02)


async def test_silence_before_the_first_item_may_be_tried_again() -> None:
    model = Scripted([1.0, DONE])
    with pytest.raises(ModelUnreachable, match=r"any said nothing for 0\.05 s before") as caught:
        await all_of(watched(model.stream, "any", QUICK)(REQUEST))
    assert caught.value.transient
    assert model.under_way == 0


async def test_silence_in_mid_stream_ends_it_after_what_was_said() -> None:
    model = Scripted([Delta("a"), 1.0, DONE])
    words, error = await heard(watched(model.stream, "any", QUICK)(REQUEST))
    assert "in the middle" in str(error)
    assert words == ["a"]


async def test_a_steady_stream_may_take_longer_than_any_limit() -> None:
    patient = WatchConfig(first=0.2, idle=0.2)
    steps = [step for _ in range(12) for step in (0.02, Delta("x"))]
    model = Scripted([*steps, DONE])
    assert len(await all_of(watched(model.stream, "any", patient)(REQUEST))) == 13


async def test_a_stream_passes_as_it_is() -> None:
    model = Scripted(said("a", "b"))
    items = await all_of(watched(model.stream, "any", QUICK)(REQUEST))
    assert [getattr(item, "text", "") for item in items] == ["a", "b", "ab"]
