"""A release with worse retrieval fails: a small labelled set is run and held to eval/gates.toml.

The set is made up: a pump maker's handbook in two languages, with questions that need a word, a
code or the meaning, judged by document and by span.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from eval.result import collect
from tests.service import forebay

ROOT = Path(__file__).parents[2]
COMPANY = ROOT / "tests/evaluation/data/company"
GATES = ROOT / "eval/gates.toml"
CONFIGS = ("default", "rrf", "bm25", "dense")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the default and of what it has to beat."""
    folder = tmp_path_factory.mktemp("release")
    wanted = [part for config in CONFIGS for part in ("--config", config)]
    done = forebay("eval", "run", str(COMPANY), *wanted, "--out", str(folder / "out"), data=folder)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def compared(out: Path, before: str, after: str) -> tuple[int, Any]:
    sides = (f"{out}@{before}", f"{out}@{after}")
    done = forebay("eval", "compare", *sides, "--gates", str(GATES), "--json", data=out)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("baseline", ["rrf", "dense"])
def test_the_default_holds_every_gate(out: Path, baseline: str) -> None:
    code, said = compared(out, baseline, "default")
    assert said["gates"]["broken"] == []
    assert said["gates"]["held"] >= 5
    assert code == 0


def test_a_worse_system_breaks_a_gate(out: Path) -> None:
    code, said = compared(out, "default", "bm25")
    assert code == 1
    assert any("nDCG@10" in broken for broken in said["gates"]["broken"])


def test_no_gold_span_is_lost_on_the_way_in(out: Path) -> None:
    assert {result.lost_spans for result in collect([str(out)])} == {0}


def test_a_result_says_what_it_was_made_with(out: Path) -> None:
    (result,) = collect([f"{out}@default"])
    settings = result.made.settings
    assert {"search.fusion", "chunk.max_tokens", "embed.space", "prompt"} <= settings.keys()
    assert all(asked.seconds for asked in result.asked.values())


def test_its_run_file_measures_the_same(out: Path, tmp_path: Path) -> None:
    run = out / "company.default.run"
    arguments = ("eval", "run", str(COMPANY), "--run", str(run), "--out", str(tmp_path), "--json")
    (again,) = json.loads(forebay(*arguments, data=tmp_path).stdout)["runs"]
    (result,) = collect([f"{out}@default"])
    assert again["measures"] == {name: result.measures[name] for name in again["measures"]}


def test_a_sample_several_at_once_finds_what_the_whole_run_found(out: Path, tmp_path: Path) -> None:
    few = ("--limit-queries", "5", "--concurrency", "3", "--out", str(tmp_path))
    done = forebay("eval", "run", str(COMPANY), *few, data=out.parent)
    assert done.returncode == 0, done.stderr
    (sample,), (whole,) = collect([str(tmp_path)]), collect([f"{out}@default"])
    assert len(sample.asked) == 5
    assert all(asked.top == whole.asked[query].top for query, asked in sample.asked.items())


def test_documents_of_another_set_of_that_name_are_not_measured(out: Path, tmp_path: Path) -> None:
    other = tmp_path / "company"
    shutil.copytree(COMPANY, other)
    corpus = (other / "corpus.jsonl").read_text().splitlines()
    (other / "corpus.jsonl").write_text("\n".join(corpus[:-1]) + "\n")
    data = Path(shutil.copytree(out.parent, tmp_path / "data"))
    done = forebay("eval", "run", str(other), "--out", str(tmp_path), data=data)
    assert done.returncode == 2
    assert "another data set named 'company'" in done.stderr
