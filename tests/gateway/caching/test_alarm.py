"""A prompt version that reads less from the cache than it used to is noticed."""

from random import Random

from gateway.caching.alarm import Alarm, Judged


def blocks(alarm: Alarm, *efficiencies: float, version: str = "answer/v1") -> list[Judged]:
    """Fifty calls of each."""
    calls = [round(1_000 * one) for one in efficiencies for _ in range(50)]
    found = [alarm.read(version, "gpt-5.4", cached, 1_000) for cached in calls]
    return [one for one in found if one]


def test_a_fall_is_news_once() -> None:
    found = blocks(Alarm(), *[0.95] * 5, 0.5, 0.5)
    assert [one.low for one in found] == [False] * 5 + [True, True]
    assert [one.changed for one in found] == [False] * 5 + [True, False]


def test_the_end_of_it_is_news_too() -> None:
    *_, last = blocks(Alarm(), *[0.95] * 5, 0.5, 0.95)
    assert (last.low, last.changed) == (False, True)


def test_a_low_spell_is_never_taken_for_the_usual() -> None:
    *_, last = blocks(Alarm(), *[0.95] * 5, *[0.5] * 60)
    assert (last.low, last.usual) == (True, 0.95)


def test_a_version_that_was_always_low_raises_nothing() -> None:
    assert not any(one.low for one in blocks(Alarm(), *[0.1] * 20))


def test_one_that_always_varies_may_vary() -> None:
    random = Random(3)
    varying = [0.6 + 0.2 * random.random() for _ in range(60)]
    assert not any(one.low for one in blocks(Alarm(), *varying))


def test_little_less_is_no_news() -> None:
    assert not any(one.low for one in blocks(Alarm(), *[0.95] * 5, 0.88))


def test_nothing_is_judged_before_enough_is_seen() -> None:
    assert not any(one.low for one in blocks(Alarm(), *[0.95] * 3, 0.2))


def test_versions_are_judged_apart() -> None:
    alarm = Alarm()
    blocks(alarm, *[0.95] * 5)
    assert not any(one.low for one in blocks(alarm, *[0.3] * 6, version="answer/v2"))


def test_calls_that_could_read_nothing_do_not_count() -> None:
    alarm = Alarm()
    assert [alarm.read("answer/v1", "gpt-5.4", 0, 0) for _ in range(200)] == [None] * 200
