"""A release with worse answers fails: the small company set is asked and held to eval/gates.toml.

Offline, so by the extractive answerer: it shows that the whole path and its measures work, and
that an answerer gets worse, not how good a model is.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.result import collect
from tests.evaluation.test_release import COMPANY, GATES
from tests.service import forebay

CONFIGS = ("default", "bm25")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    wanted = [part for config in CONFIGS for part in ("--config", config)]
    arguments = ("eval", "answers", str(COMPANY), *wanted, "--out", str(folder / "out"))
    done = forebay(*arguments, data=folder)
    assert done.returncode == 0, done.stderr
    assert "Abstain R" in done.stdout
    return folder / "out"


def compared(out: Path, gates: Path) -> tuple[int, Any]:
    sides = (f"{out}@bm25", f"{out}@default")
    done = forebay("eval", "compare", *sides, "--gates", str(gates), "--json", data=out)
    return done.returncode, json.loads(done.stdout)


def test_the_default_holds_every_gate(out: Path) -> None:
    code, said = compared(out, GATES)
    assert said["gates"]["broken"] == []
    assert said["gates"]["held"] >= 6
    assert code == 0


def test_a_worse_answerer_breaks_a_gate(out: Path, tmp_path: Path) -> None:
    gates = tmp_path / "gates.toml"
    gates.write_text('[floor.company-answers]\n"Abstain R" = 1.0\n')
    code, said = compared(out, gates)
    assert code == 1
    assert any("Abstain R" in broken for broken in said["gates"]["broken"])


def test_both_kinds_of_question_are_asked(out: Path) -> None:
    (result,) = collect([f"{out}@default"])
    names = [name for one in result.asked.values() for name in one.measures]
    assert (names.count("Answered"), names.count("Abstain R")) == (28, 8)


def test_an_answer_is_kept_with_what_it_cited(out: Path) -> None:
    (result,) = collect([f"{out}@default"])
    said = result.asked["q12"].said
    assert said is not None
    assert (said.found, said.cited) == (True, ("oncall",))
    assert "ten minutes" in said.text


def test_a_report_draws_answers_too(out: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = forebay("eval", "report", str(out), "--out", str(page), data=out)
    assert done.returncode == 0, done.stderr
    assert "company-answers" in page.read_text()
