"""A hot prefix takes as many cache keys as its rate needs, and no more."""

from itertools import pairwise

from gateway.caching.shards import Shards

RATE = 14


def test_one_key_is_enough_for_a_slow_prefix() -> None:
    shards = Shards()
    assert {shards.choose("p", "", RATE, n * 10.0) for n in range(100)} == {0}


def test_no_key_gets_more_than_its_rate() -> None:
    shards, taken = Shards(), [[0.0] * 0 for _ in range(10)]
    for n in range(400):
        taken[shards.choose("p", "", RATE, n * 0.8)].append(n * 0.8)
    for times in taken:
        assert all(times[i + RATE] - times[i] >= 60 for i in range(len(times) - RATE))
    assert sum(map(bool, taken)) == 6  # 75 a minute


def test_when_the_rate_falls_the_first_key_is_taken_again() -> None:
    shards = Shards()
    for n in range(100):
        shards.choose("p", "", RATE, n * 0.5)
    assert shards.choose("p", "", RATE, 200.0) == 0


def test_a_conversation_keeps_its_key() -> None:
    shards = Shards()
    for _ in range(RATE):
        shards.choose("p", "", RATE, 0.0)
    talk = [shards.choose("p", "talk", RATE, 1.0 + n * 30) for n in range(6)]
    assert all(a == b for a, b in pairwise(talk))
    assert talk[0] == 1


def test_prefixes_do_not_take_from_each_other() -> None:
    shards = Shards()
    for _ in range(RATE):
        shards.choose("p", "", RATE, 0.0)
    assert shards.choose("q", "", RATE, 0.0) == 0
