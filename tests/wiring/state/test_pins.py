"""What the state keeps of pins, of what was shown, and of conversations in short."""

from dataclasses import replace

from tests.contracts.state_sessions import a_turn
from wiring.state.database import State
from wiring.state.pin_trials import PinTrial
from wiring.state.pins import Pin
from wiring.state.shown import ShownOn

PIN = Pin("d1", "terms.md", "2026-11-03T09:30:00+00:00")
PASSAGE = Pin("d2", "faq.md", "2026-11-04T09:30:00+00:00", passage="3f2c", planned=True)


async def test_pins_come_back_as_they_were_the_first_one_first(state: State) -> None:
    await state.pins.save("acme", "handbook", [PASSAGE, PIN])
    assert await state.pins.of("acme", "handbook") == [PIN, PASSAGE]


async def test_pinning_again_keeps_the_place(state: State) -> None:
    await state.pins.save("acme", "handbook", [PIN, PASSAGE])
    again = replace(PIN, pinned_at="2026-12-01T00:00:00+00:00", planned=True)
    await state.pins.save("acme", "handbook", [again])
    assert await state.pins.of("acme", "handbook") == [replace(PIN, planned=True), PASSAGE]


async def test_a_pin_that_is_removed_is_gone_and_the_others_stay(state: State) -> None:
    await state.pins.save("acme", "handbook", [PIN, PASSAGE])
    await state.pins.remove("acme", "handbook", [PIN])
    assert await state.pins.of("acme", "handbook") == [PASSAGE]


async def test_pins_are_the_tenants_and_the_collections_own(state: State) -> None:
    await state.pins.save("acme", "handbook", [PIN])
    assert await state.pins.of("evil", "handbook") == []
    assert await state.pins.of("acme", "other") == []


async def test_what_was_shown_is_counted_by_the_day(state: State) -> None:
    for day, times in (("2026-11-03", 2), ("2026-11-04", 1), ("2026-11-03", 5)):
        await state.shown.add({("acme", "handbook", day, "c1"): times})
    assert await state.shown.of("acme", "handbook", "2026-11-01") == [
        ShownOn("2026-11-03", "c1", 7),
        ShownOn("2026-11-04", "c1", 1),
    ]


async def test_counts_before_a_day_are_forgotten(state: State) -> None:
    await state.shown.add({("acme", "handbook", "2026-11-03", ""): 2})
    await state.shown.add({("acme", "handbook", "2026-11-04", ""): 3})
    await state.shown.forget("2026-11-04")
    assert await state.shown.of("acme", "handbook", "") == [ShownOn("2026-11-04", "", 3)]


async def test_an_episode_that_is_closed_stays_as_it_is(state: State) -> None:
    await state.sessions.append("acme", "s", a_turn())
    await state.episodes.close_episode("acme", "s", 1, "then")
    await state.episodes.close_episode("acme", "s", 0, "first\x00")
    await state.episodes.close_episode("acme", "s", 1, "otherwise")
    assert await state.episodes.episodes("acme", "s") == ["first\ufffd", "then"]
    assert await state.episodes.episodes("evil", "s") == []


async def test_a_trial_of_pins_comes_back_as_it_was(state: State) -> None:
    trial = PinTrial(0.1, "2026-11-03T09:30:00+00:00", (PIN, PASSAGE))
    await state.pin_trials.save("acme", "handbook", trial)
    assert await state.pin_trials.of("acme") == {"handbook": trial}
    assert await state.pin_trials.of("evil") == {}
    await state.pin_trials.remove("acme", "handbook")
    assert await state.pin_trials.of("acme") == {}
