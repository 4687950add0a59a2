"""The leaderboard says what won, what lost, and keeps what people wrote around it."""

from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.leaderboard import END, START, lines, standings, write
from eval.result import Result
from tests.evaluation.results import a_result


def results(**scores: tuple[float, float]) -> list[Result]:
    """On two sets, `one` and `two`."""
    return [
        a_result({"a": score, "b": score}, data=data, config=config)
        for config, both in scores.items()
        for data, score in zip(("one", "two"), both, strict=True)
    ]


LOSING = results(bm25=(0.5, 0.4), dense=(0.6, 0.7), rrf=(0.6, 0.6), default=(0.8, 0.65))


def table(found: list[Result]) -> str:
    return "\n".join(lines(standings(found)))


def test_systems_are_ranked_by_their_mean() -> None:
    order = [system.config for system in standings(LOSING).systems]
    assert order == ["default", "dense", "rrf", "bm25"]


def test_what_is_below_the_better_leg_is_marked() -> None:
    assert "| `default` | **0.8000** | 0.6500 ↓ |" in table(LOSING)


def test_a_lost_set_is_named_plainly() -> None:
    assert "**`default` loses to its better leg on two.**" in table(LOSING)


def test_the_margin_to_the_better_leg_has_a_row() -> None:
    assert "| `default` – better leg | +0.2000 | **-0.0500 ↓** |" in table(LOSING)


def test_the_gain_is_that_of_the_means_where_there_is_room() -> None:
    assert "its mean is +11.5% of" in table(LOSING)


def test_a_system_that_lacks_a_set_has_no_mean() -> None:
    partial = standings([*LOSING, a_result({"a": 1.0, "b": 1.0}, data="one", config="new")])
    system = partial.of("new")
    assert system is not None
    assert system.mean is None


def test_what_people_wrote_around_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "LEADERBOARD.md"
    path.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    write(standings(LOSING), path)
    text = path.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text


def test_a_file_without_markers_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "NOTES.md"
    path.write_text("mine")
    with pytest.raises(InvalidInput, match="leaderboard"):
        write(standings(LOSING), path)
    assert path.read_text() == "mine"


def test_a_set_that_was_measured_by_other_labels_is_refused() -> None:
    with pytest.raises(InvalidInput, match="different questions"):
        standings([*LOSING, a_result({"a": 1.0}, data="one", config="new", judgements="other")])
