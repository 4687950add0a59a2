"""`forebay prompts` over a collection: what would be sent, what is pinned, what is worth it."""

import json
from pathlib import Path
from typing import Any

from tests.provider.server import provider
from tests.service import forebay, running

QUESTION = "How long are backups kept?"
KEY = "sk-test"


def read(data: Path, *arguments: str) -> Any:
    done = forebay(*arguments, "--json", data=data, OPENAI_API_KEY=KEY)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_request_is_shown_with_tokens_and_price_on_both_sides(data: Path) -> None:
    done = forebay("prompts", "show", QUESTION, data=data, OPENAI_API_KEY=KEY)
    before, _, behind = done.stdout.partition("cache boundary")
    assert "developer" in before
    assert f"Question: {QUESTION}" in behind
    assert "before the boundary" in behind
    assert "this model caches 1,024" in behind


def test_what_sets_tenants_apart_behind_a_long_set_is_shown(data: Path, tmp_path: Path) -> None:
    own = tmp_path / "sets" / "answer" / "own"
    own.mkdir(parents=True)
    (own / "system.md").write_text("Answer from the passages. " * 300)
    settings = {
        "OPENAI_API_KEY": KEY,
        "FOREBAY_PROMPT__FOLDER": str(tmp_path / "sets"),
        "FOREBAY_PROMPT__VERSION": "answer/own",
    }
    done = forebay("prompts", "show", QUESTION, data=data, **settings)
    before, _, behind = done.stdout.partition("cache boundary")
    assert "<!-- " not in before
    assert behind.count("<!-- ") == 1
    shared = forebay("prompts", "show", QUESTION, data=data, **settings, FOREBAY_CACHE__SHARED="1")
    assert "<!-- " not in shared.stdout


def test_what_is_pinned_is_shown_before_the_boundary_at_the_price_of_the_cache(
    data: Path,
) -> None:
    forebay("prompts", "pin", "backups.md", data=data)
    shown = read(data, "prompts", "show", QUESTION)
    (pinned,) = [part for part in shown["parts"] if part["name"] == "pinned"]
    assert pinned["side"] == "before"
    assert 0 < pinned["microdollars_read"] < pinned["microdollars"] / 5


def test_a_pinned_document_is_cited_and_can_be_unpinned(data: Path) -> None:
    (standing,) = read(data, "prompts", "pin", "backups.md")
    assert standing["pin"]["source"] == "backups.md"
    answer = json.loads(forebay("ask", QUESTION, "--json", data=data).stdout)
    assert answer["citations"][0]["source"] == "backups.md"
    assert answer["citations"][0]["label"] <= len(answer["pinned"])
    assert read(data, "prompts", "unpin", "backups.md") == []


def test_a_service_that_holds_the_data_does_all_of_it(data: Path) -> None:
    with running(data, OPENAI_API_KEY=KEY):
        assert len(read(data, "prompts", "pin", "backups.md")) == 1
        shown = read(data, "prompts", "show", QUESTION)
        assert shown["version"].startswith("answer/v1+")
        assert read(data, "prompts", "pins")[0]["chunks"]
        assert forebay("prompts", "plan", data=data).returncode == 1


def test_a_document_is_shown_whole_where_that_is_asked_for(data: Path) -> None:
    shown = read(data, "prompts", "show", QUESTION, "--document", "leave.md")
    assert shown["strategy"] == "document"
    assert [part["name"] for part in shown["parts"]][-2:] == ["pinned", "question"]


def test_what_is_asked_again_and_again_is_planned_tried_and_pinned(data: Path) -> None:
    with (
        provider() as there,
        running(data, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=there.url) as client,
    ):
        for _ in range(12):
            client.post("/v1/ask", json={"question": QUESTION}).raise_for_status()
    found = read(data, "prompts", "plan", "--apply", "--share", "0.5")
    assert found["questions"] == 12
    assert "backups.md" in {one["source"] for one in found["passages"]}
    tried = read(data, "prompts", "pins")
    assert [one["share"] for one in tried] == [0.5] * len(found["passages"])
    pinned = read(data, "prompts", "promote")
    assert len(pinned) == len(found["passages"])
    assert all(one["pin"]["planned"] and one["share"] is None for one in pinned)


def test_a_trial_of_pins_is_compared_by_its_arms(data: Path) -> None:
    with (
        provider() as there,
        running(data, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=there.url) as client,
    ):
        for _ in range(12):
            client.post("/v1/ask", json={"question": QUESTION}).raise_for_status()
        read(data, "prompts", "plan", "--apply", "--share", "0.5")
        for number in range(12):
            asked = {"question": QUESTION, "session": f"s{number}"}
            client.post("/v1/ask", json=asked).raise_for_status()
    control, canary = read(data, "canary")["arms"]
    assert control["questions"] + canary["questions"] == 12
    assert control["prompts"] == ["answer/v1"]
    assert canary["prompts"][0].startswith("answer/v1+")
    assert read(data, "prompts", "drop") == []


def test_two_trials_at_once_are_refused(data: Path) -> None:
    running_one = {"FOREBAY_CANARY__SHARE": "0.1", "FOREBAY_CANARY__PROMPT": "answer/v1"}
    arguments = ("prompts", "plan", "--apply")
    done = forebay(*arguments, data=data, OPENAI_API_KEY=KEY, **running_one)
    assert done.returncode == 2
    assert "FOREBAY_CANARY__SHARE puts a model or a prompt on trial" in done.stderr


def test_without_questions_there_is_nothing_to_plan(data: Path) -> None:
    done = forebay("prompts", "plan", data=data, OPENAI_API_KEY=KEY)
    assert done.returncode == 1
    assert "Nothing was asked of the collection 'default'" in done.stderr


def test_a_service_says_at_its_start_that_the_prefix_is_too_short_to_be_cached(data: Path) -> None:
    with (
        provider() as there,
        running(data, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=there.url),
    ):
        examined = json.loads(forebay("doctor", "--json", data=data).stdout)
    said = "caches nothing below 1,024"
    assert said in (data.parent / "service.log").read_text()
    (prompt,) = [one for one in examined["findings"] if one["part"] == "prompt"]
    assert prompt["verdict"] == "warning"
    assert said in prompt["says"]


def test_a_service_without_a_model_says_nothing_of_caches(data: Path) -> None:
    examined = json.loads(forebay("doctor", "--json", data=data).stdout)
    assert "prompt" not in {one["part"] for one in examined["findings"]}
