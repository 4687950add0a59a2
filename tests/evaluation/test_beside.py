"""Questions of one data set over its own collection and those of others."""

import json
from contextlib import nullcontext
from pathlib import Path

from eval.data import load, unjudged
from eval.run import RunConfig, Watch, run
from eval.trec import read_run
from wiring.settings import Settings

SILENT = Watch(lambda: nullcontext(lambda _: None), lambda *_: None, lambda _: None)


def write(folder: Path, question: str, *texts: str) -> Path:
    """Its first document answers the question."""
    (folder / "qrels").mkdir(parents=True)
    records = ({"_id": f"{n}", "text": text} for n, text in enumerate(texts))
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, records)))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": question}))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\t0\t1\n")
    return folder


async def test_documents_of_another_set_are_ranked_and_count_as_wrong(tmp_path: Path) -> None:
    own = write(tmp_path / "own", "Are copies kept?", "Copies are kept.", "Lunch is at noon.")
    other = write(tmp_path / "other", "Soup?", "No copies. No copies here.", "Soup.")
    config = RunConfig(tmp_path / "out", ("bm25",), beside=[unjudged(other)])
    (result,) = await run(Settings(data=tmp_path / "data"), [load(own)], config, SILENT)
    ranking = read_run(tmp_path / "out" / "own.bm25.run")
    assert set(ranking["q"]) == {"0", "eval-other/0"}
    assert result.made.settings["search.further"] == "eval-other"
