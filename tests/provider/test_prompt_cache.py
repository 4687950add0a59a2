"""The emulated prompt caches keep the vendors' stated rules."""

from dataclasses import replace

import pytest

from tests.provider.prompt_cache import (
    CLAUDE,
    GEMINI_3,
    GPT_54,
    GPT_54_LONG,
    GPT_56,
    Block,
    Counted,
    PromptCache,
    Rules,
)

MINUTE = 60.0


def words(name: str, tokens: int) -> str:
    """So many tokens, of which each text has its own."""
    return f" {name}" * tokens


PREFIX = Block(words("static", 1500))
QUESTION = Block(words("why", 40))
OTHER = Block(words("how", 40))


def asked(cache: PromptCache, *blocks: Block, now: float = 0.0, key: str = "") -> Counted:
    return cache.ask(blocks, now=now, key=key)


def test_a_prompt_below_the_minimum_is_never_cached() -> None:
    cache = PromptCache(GPT_54)
    short = Block(words("static", 900))
    asked(cache, short, QUESTION)
    assert asked(cache, short, QUESTION) == Counted(940, 0, 0, "short")


def test_an_equal_beginning_is_read_in_steps() -> None:
    cache = PromptCache(GPT_54)
    asked(cache, PREFIX, QUESTION)
    assert asked(cache, PREFIX, OTHER).cached == 1408  # 11 steps of 128; 1,500 tokens are equal


def test_what_stands_behind_the_first_difference_is_not_read() -> None:
    cache = PromptCache(GPT_54)
    asked(cache, QUESTION, PREFIX)
    assert asked(cache, OTHER, PREFIX).cached == 0


def test_reading_keeps_it_for_longer_but_not_beyond_the_longest_time() -> None:
    cache = PromptCache(GPT_54)
    reads = [asked(cache, PREFIX, QUESTION, now=n * 9 * MINUTE).cached for n in range(9)]
    assert [bool(tokens) for tokens in reads] == [False, *[True] * 6, False, True]


def test_what_was_idle_too_long_is_expired_and_not_cold() -> None:
    cache = PromptCache(GPT_54)
    assert asked(cache, PREFIX, QUESTION).why == "cold"
    assert asked(cache, PREFIX, QUESTION, now=11 * MINUTE).why == "expired"


def test_long_retention_outlives_an_idle_night() -> None:
    cache = PromptCache(GPT_54_LONG)
    asked(cache, PREFIX, QUESTION)
    assert asked(cache, PREFIX, QUESTION, now=600 * MINUTE).why == "hit"


def test_above_its_rate_a_machine_sends_requests_to_another() -> None:
    cache = PromptCache(GPT_54)
    seen = [asked(cache, PREFIX, QUESTION, now=n, key="a").why for n in range(17)]
    assert seen == ["cold", *["hit"] * 14, "overflow", "overflow"]


def test_another_key_is_another_machine() -> None:
    cache = PromptCache(GPT_54)
    asked(cache, PREFIX, QUESTION, key="a")
    assert asked(cache, PREFIX, QUESTION, key="b").cached == 0


@pytest.mark.parametrize("rules", [GPT_54, CLAUDE, GEMINI_3], ids=["gpt", "claude", "gemini"])
def test_accounts_share_nothing(rules: Rules) -> None:
    cache = PromptCache(replace(rules, least=1024))
    marked = replace(PREFIX, ttl=300.0)
    cache.ask([marked, QUESTION], owner="one", now=0)
    assert cache.ask([marked, QUESTION], owner="two", now=1).cached == 0


def test_a_marked_end_is_written_once_and_read_exactly() -> None:
    cache, marked = PromptCache(GPT_56), replace(PREFIX, ttl=1800.0)
    assert asked(cache, marked, QUESTION) == Counted(1540, 0, 1500, "cold", ((1800.0, 1500),))
    assert asked(cache, marked, OTHER, now=1) == Counted(1540, 1500, 0, "hit")


def test_an_unmarked_beginning_is_not_found_where_only_marks_count() -> None:
    cache = PromptCache(GPT_56)
    assert asked(cache, PREFIX, QUESTION).written == 1540  # unasked, behind the newest message
    assert asked(cache, PREFIX, OTHER, now=1) == Counted(1540, 0, 1540, "cold", ((1800, 1540),))


def test_without_unasked_marks_nothing_is_written() -> None:
    cache = PromptCache(GPT_56)
    assert cache.ask([PREFIX, QUESTION], now=0, implicit=False).written == 0


def test_the_last_four_marks_are_heeded() -> None:
    cache = PromptCache(replace(GPT_56, least=1, routed=0))
    marked = [Block(words(name, 10), ttl=60.0) for name in "abcde"]
    asked(cache, *marked)
    assert asked(cache, marked[0], QUESTION, now=1).cached == 0
    assert asked(cache, *marked[:2], QUESTION, now=1).cached == 20


def test_a_mark_finds_what_an_earlier_turn_marked_shortly_before() -> None:
    cache = PromptCache(CLAUDE)
    turns = [Block(words("first", 50), ttl=300.0), Block(words("second", 50), ttl=300.0)]
    asked(cache, PREFIX, turns[0])
    found = asked(cache, PREFIX, replace(turns[0], ttl=None), turns[1], now=1)
    assert (found.cached, found.written) == (1550, 50)


def test_a_longer_life_is_asked_for_with_the_mark() -> None:
    cache, marked = PromptCache(CLAUDE), replace(PREFIX, ttl=3600.0)
    asked(cache, marked, QUESTION)
    assert asked(cache, marked, OTHER, now=50 * MINUTE).cached == 1500
