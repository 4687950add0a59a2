"""Of kept questions some are drawn, none twice, and what systems find for them is pooled."""

from dataclasses import replace

from domain.traces import Trace
from eval.sample import draw, pooled
from tests.contracts.state_traces import A_TRACE
from tests.values import a_hit

THINGS = ["oil", "rent", "leave", "wifi", "taxes", "doors", "meals", "trucks", "keys", "ice"]


def a_trace(number: int, *, found: bool = True) -> Trace:
    thing = THINGS[number % len(THINGS)] * (1 + number // len(THINGS))
    return replace(A_TRACE, id=f"a{number}", question=f"Who does {thing}?", found=found)


FOUND = [a_trace(number) for number in range(8)]
MISSED = [a_trace(number, found=False) for number in range(8, 12)]


def test_half_of_what_is_drawn_was_not_found() -> None:
    drawn = draw([*FOUND, *MISSED], 6, seed=0)
    assert sorted(trace.found for trace in drawn.traces) == [False] * 3 + [True] * 3


def test_where_less_was_missed_more_is_drawn_of_the_others() -> None:
    drawn = draw([*FOUND, MISSED[0]], 6, seed=0)
    assert sum(trace.found for trace in drawn.traces) == 5


def test_where_less_was_found_more_is_drawn_of_the_others() -> None:
    drawn = draw([FOUND[0], *MISSED], 4, seed=0)
    assert sum(trace.found for trace in drawn.traces) == 1
    assert len(drawn.traces) == 4


def test_of_questions_that_read_alike_one_is_drawn() -> None:
    again = replace(FOUND[0], id="b", question=f"{FOUND[0].question.upper()}!")
    drawn = draw([FOUND[0], again], 5, seed=0)
    assert (len(drawn.traces), drawn.again, drawn.kept) == (1, 1, 2)


def test_a_seed_draws_the_same_again() -> None:
    assert draw(FOUND, 3, seed=1) == draw(list(reversed(FOUND)), 3, seed=1)


def test_a_pool_has_the_best_of_each_system_once() -> None:
    one, two, three = (a_hit(id=name) for name in "abc")
    assert [hit.chunk.id for hit in pooled([[one, two], [two, three]], 2)] == ["a", "b", "c"]


def test_a_pool_is_as_deep_as_it_is_asked_to_be() -> None:
    one, two, three = (a_hit(id=name) for name in "abc")
    assert [hit.chunk.id for hit in pooled([[one, two], [three]], 1)] == ["a", "c"]
