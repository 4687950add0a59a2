"""Who asks, what was spent, and what was measured."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from domain.completion import CacheOutcome, Usage
from domain.records import LedgerRow
from tests.api.keyed import ROOT, bearer, serving_keys
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


ONE_CALL = LedgerRow(
    at=datetime.now(UTC).isoformat(),
    tenant="acme",
    endpoint="ask",
    model="mini",
    prompt_version="answer/v1",
    prefix_fingerprint="f",
    usage=Usage(input=2000, cached=1000, output=50),
    cost_microdollars=700,
    seconds=1.0,
    finish="stop",
    cache=CacheOutcome(1500, 1400, "tail", "The tail is too long.", 300, 400),
)


async def test_what_the_cache_did_is_told_by_day_with_the_reasons(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", ("acme",)) as service:
        await service.state.ledger.book(ONE_CALL)
        found = (await service.client.get("/v1/figures", headers=key("acme"))).json()
    [day] = found["caches"]
    assert day["group"] == [ONE_CALL.at[:10]]
    assert (day["cacheable"], day["read"], day["saved_microdollars"]) == (1400, 1000, 300)
    assert day["misses"] == [{"why": "tail", "calls": 1, "says": ""}]


async def test_the_operator_sees_all_tenants_by_day(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        await service.state.ledger.book(ONE_CALL, replace(ONE_CALL, tenant="evil"))
        found = (await service.client.get("/v1/figures", params={"tenants": "all"})).json()
        own = (await service.client.get("/v1/figures")).json()
    assert [one["group"] for one in found["tenants"]] == [["acme"], ["evil"]]
    assert (found["tenant"], found["days"][0]["calls"]) == (None, 2)
    assert (own["tenants"], own["days"]) == ([], [])


async def test_a_tenant_s_key_does_not_open_the_figures_of_all(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", ("acme",)) as service:
        await service.state.ledger.book(replace(ONE_CALL, tenant="evil"))
        found = await service.client.get(
            "/v1/figures", params={"tenants": "all"}, headers=key("acme")
        )
    assert found.status_code == 403
    assert "evil" not in found.text


def test_a_caller_learns_what_its_key_opens(handbook_data: Path, tmp_path: Path) -> None:
    with serving_keys(handbook_data, tmp_path) as keyed:
        secret = keyed.key("wiki", "ask", collections=("handbook",))
        bound, root = (
            keyed.client.get("/v1/about", headers=bearer(one)).json() for one in (secret, ROOT)
        )
    assert (bound["scopes"], bound["collections"], bound["operator"]) == (
        ["ask"],
        ["handbook"],
        False,
    )
    assert (root["scopes"], root["collections"], root["operator"]) == (
        ["ask", "ingest", "admin"],
        [],
        True,
    )
