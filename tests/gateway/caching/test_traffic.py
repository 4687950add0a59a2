"""Whether a beginning is asked for again in time is learned from what came before."""

from gateway.caching.traffic import Traffic

MINUTE = 60.0


def chance(traffic: Traffic, what: str, now: float, within: float = 5 * MINUTE) -> float:
    return traffic.seen(what, "all", now)[within]


def test_at_first_nobody_is_expected_to_come_again() -> None:
    assert chance(Traffic([5 * MINUTE]), "a", 0) == 0


def test_who_always_comes_again_is_expected_to() -> None:
    traffic = Traffic([5 * MINUTE])
    for n in range(20):
        last = chance(traffic, "a", n * MINUTE)
    assert last > 0.8


def test_who_never_comes_again_is_not_expected_to() -> None:
    traffic = Traffic([5 * MINUTE])
    for n in range(20):
        last = chance(traffic, "a", n * 60 * MINUTE)
    assert last < 0.1


def test_a_longer_time_is_judged_by_itself() -> None:
    traffic = Traffic([5 * MINUTE, 60 * MINUTE])
    for n in range(20):
        chances = traffic.seen("a", "all", n * 30 * MINUTE)
    assert chances[5 * MINUTE] < 0.1
    assert chances[60 * MINUTE] > 0.8


def test_what_is_new_is_judged_by_what_all_do() -> None:
    traffic = Traffic([5 * MINUTE])
    for n in range(40):
        traffic.seen("busy", "busy", n * MINUTE)
        traffic.seen("busy too", "busy too", n * MINUTE)
    traffic.seen("new", "new", 41 * MINUTE)
    assert traffic.seen("new", "new", 42 * MINUTE)[5 * MINUTE] > 0.5


def test_the_start_of_a_burst_is_judged_apart_from_its_middle() -> None:
    traffic = Traffic([5 * MINUTE])
    for burst in range(30):  # two questions, then an hour of silence
        first = chance(traffic, "a", burst * 60 * MINUTE)
        second = chance(traffic, "a", burst * 60 * MINUTE + MINUTE)
    assert first > 0.8
    assert second < 0.2


def test_of_the_middle_of_bursts_nothing_is_known_at_first_but_how_they_start() -> None:
    traffic = Traffic([5 * MINUTE])
    chance(traffic, "a", 0)
    assert chance(traffic, "a", MINUTE) > 0
