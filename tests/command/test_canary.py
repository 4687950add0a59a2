"""`forebay canary --sample`: both arms of a trial answer the same questions and are scored."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.service import forebay

CANARY = "gpt-5.4-nano"
TEXT = "Backups are kept for 35 days. Then they are deleted."


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "asked"
    folder.mkdir()
    corpus = {"_id": "backups", "title": "Backups", "text": TEXT}
    queries = [{"_id": str(n), "text": f"How long are backups kept in {n}?"} for n in range(2)]
    (folder / "corpus.jsonl").write_text(json.dumps(corpus))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    return folder


def compared(tmp_path: Path, folder: Path, provider: Provider, *more: str) -> dict[str, float]:
    environ = {
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_CHAT__API": "responses",
        "FOREBAY_CANARY__CHAIN": f"openai/{CANARY}",
    }
    asked = ("canary", "--sample", str(folder), "--json", *more)
    done = forebay(*asked, data=tmp_path / "data", **environ)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [(arm["questions"], arm["models"]) for arm in found["arms"]] == [
        (2, ["gpt-5.4-mini"]),
        (2, [CANARY]),
    ]
    return {one["name"]: one["canary"] for one in found["measures"]}


def test_unlabelled_questions_are_scored_by_what_is_cited(
    tmp_path: Path, folder: Path, provider: Provider
) -> None:
    measures = compared(tmp_path, folder, provider, "--yes")
    assert measures["Cite P"] == measures["found"] == 1
    assert measures["cost"] > 0
    assert "Answered" not in measures


def test_labelled_questions_are_scored_by_their_answers(
    tmp_path: Path, folder: Path, provider: Provider
) -> None:
    gold = {"_id": "0", "answers": ["35 days"]}
    (folder / "answers.jsonl").write_text(json.dumps(gold))
    measures = compared(tmp_path, folder, provider, "--yes")
    assert (measures["Answered"], measures["Contains"]) == (1, 1)


def test_what_it_costs_is_said_before(tmp_path: Path, folder: Path, provider: Provider) -> None:
    provider.forget()
    environ = {
        "OPENAI_API_KEY": "sk",
        "FOREBAY_PROVIDERS__OPENAI__BASE_URL": provider.url,
        "FOREBAY_CANARY__CHAIN": f"openai/{CANARY}",
    }
    done = forebay("canary", "--sample", str(folder), data=tmp_path / "data", **environ)
    assert done.returncode != 0
    assert "Answering 2 questions by both arms costs about $" in done.stderr
    assert "--yes" in done.stderr
    assert provider.received == []


def test_without_anything_on_trial_the_setting_is_named(tmp_path: Path, folder: Path) -> None:
    done = forebay("canary", "--sample", str(folder), data=tmp_path / "data")
    assert done.returncode == 1
    assert "FOREBAY_CANARY__CHAIN" in done.stderr
