"""A run file keeps the order of a ranking, whoever reads it."""

from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.trec import read_run, write_run


def test_a_ranking_survives_its_file(tmp_path: Path) -> None:
    ranking = {"q1": ("b.md", "a folder/with spaces.md"), "q2": ("c.md",)}
    write_run(tmp_path / "x.run", ranking, "default")
    assert read_run(tmp_path / "x.run") == ranking


def test_scores_decide_before_ranks(tmp_path: Path) -> None:
    (tmp_path / "x.run").write_text("q Q0 low 1 0.1 t\nq Q0 high 2 0.9 t\nq Q0 tied 3 0.1 t\n")
    assert read_run(tmp_path / "x.run") == {"q": ("high", "low", "tied")}


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.run").write_text("q Q0 d 1 0.5 t\nq d 1\n")
    with pytest.raises(InvalidInput, match="line 2"):
        read_run(tmp_path / "x.run")
