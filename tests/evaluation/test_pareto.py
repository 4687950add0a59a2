"""The front holds what nothing else is as good, as fast and as short as."""

from dataclasses import replace

from eval.pareto import Point, Swept, marked
from eval.pareto_chart import scale
from eval.pareto_page import page
from tests.evaluation.test_report import balance


def a_point(
    name: str, quality: float, ms: float = 4.0, tokens: float = 1000.0, shown: float = 0.9
) -> Point:
    return Point(
        name=name,
        values={"search.depth": name},
        quality=quality,
        by_set={"handbook": quality},
        recall=quality,
        shown=shown,
        ms_p50=ms,
        ms_p95=2 * ms,
        tokens=tokens,
    )


def front(*points: Point) -> list[str]:
    ordered = sorted(points, key=lambda one: -one.quality)
    return [one.name for one in marked(ordered) if one.front]


def test_the_best_is_on_the_front() -> None:
    assert front(a_point("good", 0.8), a_point("bad", 0.7)) == ["good"]


def test_a_worse_one_that_is_faster_is_on_it() -> None:
    assert front(a_point("good", 0.8), a_point("fast", 0.7, ms=2.0)) == ["good", "fast"]


def test_a_worse_one_that_shows_less_is_on_it() -> None:
    assert front(a_point("good", 0.8), a_point("short", 0.7, tokens=500)) == ["good", "short"]


def test_a_worse_one_that_shows_more_of_the_gold_is_on_it() -> None:
    assert front(a_point("good", 0.8), a_point("full", 0.7, shown=0.95)) == ["good", "full"]


def test_a_few_percent_of_time_are_no_difference() -> None:
    assert front(a_point("good", 0.8, ms=4.0), a_point("other", 0.7, ms=3.9)) == ["good"]


def test_faster_is_not_enough_where_another_is_faster_and_better() -> None:
    points = a_point("good", 0.8, ms=9.0), a_point("fast", 0.7, ms=2.0), a_point("x", 0.6, ms=4.0)
    assert front(*points) == ["good", "fast"]


def test_ticks_are_round_and_within_the_values() -> None:
    assert scale([0.6, 12.2]).ticks == (0.0, 5.0, 10.0)


def test_one_value_has_an_axis_too() -> None:
    axis = scale([0.8, 0.8])
    assert axis.low < 0.8 < axis.high


def swept() -> Swept:
    points = marked([a_point("<100>", 0.8), replace(a_point("now", 0.7), ms_p50=2.0)])
    return Swept("nDCG@10", {"hand<book": 9}, points, (), 2, 0, 5, 5, "sweep.html")


def test_the_page_is_whole_and_escapes_what_others_wrote() -> None:
    text = page(swept())
    assert balance(text) == []
    assert "&lt;100&gt;" in text
    assert "<100>" not in text


def test_the_page_numbers_the_front_and_rings_what_is_set() -> None:
    text = page(swept())
    pictures = 2
    assert text.count('<i class="front"') == pictures
    assert text.count('<i class="front ringed"') == pictures


def test_the_page_fetches_nothing() -> None:
    assert "http" not in page(swept())
