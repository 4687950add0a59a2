"""Several collections and boosts, as a command and a client of the service ask for them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service import forebay, running

NOTE = "# Canteen\n\nBackups of the menu are kept in the kitchen.\n"
QUESTION = "How long are backups kept?"
MENU = "In which kitchen are backups of the menu kept?"
BOTH = ["default", "canteen"]
LIFTED = {"when": {"source": "canteen.md"}, "add": 50}


@pytest.fixture
def both(data: Path, tmp_path: Path) -> Path:
    """A second collection beside the handbook's."""
    note = tmp_path / "canteen.md"
    note.write_text(NOTE)
    done = forebay("ingest", str(note), "--collection", "canteen", data=data)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def client(both: Path) -> Iterator[httpx2.Client]:
    with running(both) as client:
        yield client


def sources(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(hit["collection"], hit["chunk"]["source"]) for hit in result["hits"]]


def test_both_are_searched_by_the_command_with_a_service_and_without(both: Path) -> None:
    asked = ("search", QUESTION, "--collection", "default", "--collection", "canteen")
    lines = (*asked, "--json"), (*asked, "--json", "--boost", json.dumps(LIFTED))
    alone = [sources(json.loads(forebay(*line, data=both).stdout)) for line in lines]
    with running(both):
        served = [sources(json.loads(forebay(*line, data=both).stdout)) for line in lines]
    assert alone == served
    assert alone[0][0] == ("default", "backups.md")
    assert alone[1][0] == ("canteen", "canteen.md")


def test_a_table_says_which_collection_a_passage_is_of(both: Path) -> None:
    done = forebay("search", MENU, "--collection", "default", "--collection", "canteen", data=both)
    assert "canteen: canteen.md" in done.stdout


def test_both_are_searched_over_http_and_cited(client: httpx2.Client) -> None:
    body = {"question": MENU, "collection": BOTH}
    found = client.post("/v1/search", json=body).json()
    assert set(BOTH) == {collection for collection, _ in sources(found)}
    answer = client.post("/v1/ask", json=body).json()
    assert answer["citations"][0]["collection"] == "canteen"


def test_a_boost_that_is_none_is_refused_with_what_is_one(client: httpx2.Client) -> None:
    body = {"question": QUESTION, "boost": {"decay": {"feld": "date"}}}
    wrong = client.post("/v1/search", json=body)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "boost"
    assert "half_life_days" in wrong.json()["detail"]
