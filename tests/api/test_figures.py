"""Who asks, what was spent, and what was measured."""

import json
from pathlib import Path

import httpx2

from tests.api.scripted import key, serving

RESULT = {
    "data": "handbook",
    "config": "default",
    "made": {"at": "2026-11-18T10:15:00+00:00", "version": "0.1.0", "commit": "abc"},
    "measures": {"nDCG@10": 0.7},
    "asked": {"q1": {"question": "A secret of ours", "seconds": 0.01}, "q2": {"seconds": 0.03}},
    "documents": 21,
}


def test_a_caller_learns_who_it_is_and_what_there_is(service: httpx2.Client) -> None:
    about = service.get("/v1/about").json()
    assert (about["tenant"], about["collection"], about["model"]) == (
        "default",
        "default",
        "extractive",
    )
    assert "bm25" in about["configs"]


def test_figures_begin_with_the_first_day_of_the_period(service: httpx2.Client) -> None:
    one, week = (service.get("/v1/figures", params={"days": n}).json() for n in (1, 7))
    assert week["since"] < one["since"]


async def test_evaluations_are_listed_without_their_questions(tmp_path: Path) -> None:
    run = tmp_path / "data" / "eval" / "runs" / "20261118-101500"
    run.mkdir(parents=True)
    (run / "handbook.default.result.json").write_text(json.dumps(RESULT))
    (run / "broken.result.json").write_text("{}")
    async with serving(tmp_path / "data") as service:
        response = await service.client.get("/v1/evaluations")
    [found] = response.json()["evaluations"]
    assert (found["questions"], found["measures"], found["ms_p95"]) == (2, {"nDCG@10": 0.7}, 30)
    assert response.json()["unread"] == ["20261118-101500/broken.result.json"]
    assert "secret" not in response.text


async def test_evaluations_are_the_default_tenant_s(tmp_path: Path) -> None:
    run = tmp_path / "data" / "eval" / "runs" / "20261118-101500"
    run.mkdir(parents=True)
    (run / "handbook.default.result.json").write_text(json.dumps(RESULT))
    async with serving(tmp_path / "data", ("acme",)) as service:
        response = await service.client.get("/v1/evaluations", headers=key("acme"))
    assert response.json()["evaluations"] == []
