"""What is pinned stands before the model as much as what was found."""

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from domain.answers import Dropped
from eval.answers import AnswersConfig, read, run_answers
from eval.answers_gold import load
from eval.result import Result
from eval.run import Watch
from tests.evaluation.test_answers_score import an_answer
from tests.values import a_chunk, a_hit
from wiring.services import open_services
from wiring.settings import Settings

BACKUPS, LEAVE, ROAD = (
    a_hit(score, id=name) for score, name in ((0.9, "b"), (0.8, "l"), (0.7, "r"))
)


def test_a_pinned_passage_keeps_the_rank_it_was_found_at() -> None:
    dropped = (Dropped(LEAVE, "pinned: it is [1]"),)
    answer = replace(an_answer(), shown=(BACKUPS, ROAD), dropped=dropped, pinned=("l",))
    assert read(answer, [LEAVE.chunk]) == (BACKUPS, LEAVE, ROAD)


def test_a_pinned_passage_that_was_not_found_stands_last() -> None:
    answer = replace(an_answer(), shown=(BACKUPS,), pinned=("t",))
    assert [hit.chunk.id for hit in read(answer, [a_chunk(id="t")])] == ["b", "t"]


def test_what_was_dropped_is_not_shown() -> None:
    answer = replace(an_answer(), shown=(BACKUPS,), dropped=(Dropped(ROAD, "over the limit"),))
    assert read(answer, [a_chunk(id="t")])[0] == BACKUPS


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A question about two documents of three, of which a search for one finds one."""
    folder = tmp_path / "house"
    (folder / "qrels").mkdir(parents=True)
    texts = {
        "backups": "Backups are kept for 35 days.",
        "vaults": "The vault is in Lisbon.",
        "leave": "Leave is asked for in May.",
    }
    rows = [json.dumps({"_id": name, "title": name, "text": text}) for name, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(rows))
    asked = {"_id": "q", "text": "How long are backups kept?"}
    (folder / "queries.jsonl").write_text(json.dumps(asked))
    qrels = "query-id\tcorpus-id\tscore\nq\tbackups\t1\nq\tvaults\t1\n"
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


async def test_a_pinned_passage_counts_as_shown(data: Path, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data").model_copy(
        update={"search": Settings().search.model_copy(update={"limit": 1})}
    )
    before = await measured(settings, data)
    house = settings.model_copy(update={"data": settings.data / "eval" / "house"})
    async with open_services(house) as services:
        await services.boundary.pins("default", "eval-house", "pin", ["vaults"])
    after = await measured(settings, data)
    assert [one.asked["q"].measures["Shown R"] for one in (before, after)] == [0.5, 1.0]


async def measured(settings: Settings, data: Path) -> Result:
    watch = Watch(lambda: nullcontext(lambda _: None), lambda *_: None, lambda _: None)
    config = AnswersConfig(settings.data / "out")
    (result,) = await run_answers(settings, [load(data)], config, watch)
    return result
