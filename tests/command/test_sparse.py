"""A learned sparse leg and words in memory, from the settings to the passages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.provider.script import Reply
from tests.provider.sparse import SparseProvider, sparse_provider
from tests.service import forebay

NOTES = {"backups.md": "# Safety\n\nThe copies lie in a vault.\n", "b.md": "# Lunch\n\nSoup.\n"}


@pytest.fixture(scope="module")
def splade() -> Iterator[SparseProvider]:
    with sparse_provider() as provider:
        yield provider


@pytest.fixture
def environ(splade: SparseProvider) -> dict[str, str]:
    splade.forget()
    return {"FOREBAY_SPARSE__PROVIDER": "tei", "FOREBAY_SPARSE__BASE_URL": splade.url}


@pytest.fixture
def data(tmp_path: Path, environ: dict[str, str]) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / name).write_text(text)
    done = forebay("ingest", str(folder), data=tmp_path / "data", **environ)
    assert done.returncode == 0, done.stderr
    return tmp_path / "data"


def searched(
    data: Path, *options: str, question: str = "Where are backups?", **environ: str
) -> dict[str, Any]:
    done = forebay("search", question, "--json", *options, data=data, **environ)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_passage_is_found_by_what_means_the_same(data: Path, environ: dict[str, str]) -> None:
    found = searched(data, "--config", "sparse", **environ)
    assert [hit["chunk"]["source"] for hit in found["hits"]] == ["backups.md"]
    best = searched(data, question="Are copies made?", **environ)["hits"][0]
    assert set(best["found_by"]) == {"dense", "bm25", "sparse"}


def test_a_sparse_model_that_is_away_leaves_its_leg_out(
    data: Path, environ: dict[str, str], splade: SparseProvider
) -> None:
    splade.otherwise = Reply(status=401)
    found = searched(data, **environ)
    assert found["hits"]
    assert found["notes"][0].startswith("The sparse leg is left out: splade answered 401")


def test_without_a_sparse_model_its_config_is_refused_and_the_rest_goes_on(data: Path) -> None:
    done = forebay("search", "backups", "--config", "sparse", data=data)
    assert done.returncode != 0
    assert "FOREBAY_SPARSE__PROVIDER" in done.stderr
    assert searched(data)["hits"]


def test_words_can_be_ranked_in_memory(data: Path) -> None:
    in_memory = {"FOREBAY_SEARCH__LEXICAL": "rank-bm25"}
    found = searched(data, "--config", "bm25", question="copies", **in_memory)
    assert [hit["chunk"]["source"] for hit in found["hits"]] == ["backups.md"]
