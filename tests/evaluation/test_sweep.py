"""A sweep over a small labelled set, as a user runs it: each cell is measured once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from eval.result import collect
from tests.service import forebay

COMPANY = Path(__file__).parent / "data/company"
OVER = (
    *("--over", "chunk.max_tokens=64,320"),
    *("--over", "search.limit=3,8"),
    *("--over", "fusion=adaptive,rrf"),
)
CELLS = 8


def swept(data: Path, *arguments: str) -> Any:
    done = forebay("eval", "sweep", str(COMPANY), *OVER, *arguments, "--json", data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def first(data: Path) -> Any:
    return swept(data)


def point(found: Any, **values: str) -> Any:
    wanted = {name.replace("__", "."): value for name, value in values.items()}
    return next(one for one in found["points"] if one["values"].items() >= wanted.items())


def test_every_combination_has_quality_time_and_tokens(first: Any) -> None:
    assert len(first["points"]) == CELLS
    assert all(one["quality"] > 0.5 and one["ms_p50"] > 0 for one in first["points"])
    assert first["measured"] == CELLS


def test_showing_fewer_passages_costs_fewer_tokens(first: Any) -> None:
    few, many = (
        point(first, search__limit=limit, chunk__max_tokens="320", fusion__method="rrf")
        for limit in ("3", "8")
    )
    assert few["tokens"] < many["tokens"]
    assert few["shown"] < many["shown"]


def test_another_fusion_ranks_otherwise(first: Any) -> None:
    one, other = (
        point(first, fusion__method=method, chunk__max_tokens="320", search__limit="8")
        for method in ("adaptive", "rrf")
    )
    assert one["quality"] != other["quality"]


def test_texts_that_both_ways_of_chunking_share_are_embedded_once(first: Any) -> None:
    assert 0 < first["embedded"] < first["chunks"]


def test_what_was_measured_is_not_measured_again(data: Path, first: Any) -> None:
    again = swept(data)
    assert again["kept"] == CELLS
    assert again["chunks"] == 0  # nothing was even opened
    assert again["points"] == first["points"]


def test_a_cell_that_was_lost_is_measured_alone(data: Path, first: Any, tmp_path: Path) -> None:
    own = Path(shutil.copytree(data, tmp_path / "data"))
    lost = next((own / "eval/sweeps").glob("*.result.json"))
    lost.unlink()
    assert swept(own)["kept"] == CELLS - 1


def test_other_questions_are_measured_anew(data: Path, first: Any, tmp_path: Path) -> None:
    own = Path(shutil.copytree(data, tmp_path / "data"))
    assert swept(own, "--limit-queries", "3")["kept"] == 0


def test_a_cell_is_a_result_as_of_a_run(data: Path, first: Any) -> None:
    results = collect([str(data / "eval/sweeps")])
    assert {"now", "chunk.max_tokens=64 search.limit=3 fusion.method=rrf"} <= {
        one.config for one in results
    }


def test_the_picture_is_there(first: Any) -> None:
    assert "scatter" in Path(first["page"]).read_text()


def test_tuning_over_the_only_set_says_what_it_cannot(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "forebay.env"
    done = forebay("eval", "tune", str(COMPANY), *OVER, "--write", str(file), data=data)
    assert done.returncode == 0, done.stderr
    assert "How the choice does on another set, this cannot say." in done.stdout
    assert not file.exists()  # 28 questions prove nothing


def test_the_last_of_the_candidates_may_not_be_ruled_out(data: Path) -> None:
    done = forebay("eval", "tune", str(COMPANY), *OVER, "--max-tokens", "1", data=data)
    assert done.returncode == 2
    assert "--max-tokens" in done.stderr
