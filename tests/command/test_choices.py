"""Flags of `ask` and `search` become choices, and reach a running service as they are."""

import subprocess
from pathlib import Path

import pytest

from forebay.choices import read_choices
from tests.service import forebay, running
from wiring.choices import AS_SET, Choices


def chosen(**flags: object) -> Choices:
    nothing = dict.fromkeys(("rerank", "rerank_depth", "insist"))
    return read_choices(**{**nothing, **flags})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({}, {}),
        ({"rerank": True}, {"rerank": True}),
        ({"rerank": False}, {"rerank": False}),
        ({"rerank_depth": 5}, {"rerank": {"depth": 5}}),
        ({"rerank": False, "rerank_depth": 5}, {"rerank": False}),
        ({"neighbours": 0}, {"select": {"neighbours": 0}}),
        ({"insist": "off", "context_tokens": 9}, {"insist": "off", "context_tokens": 9}),
    ],
    ids=["none", "rerank", "no rerank", "deep", "deep but not", "neighbours", "two"],
)
def test_only_what_is_given_is_chosen(flags: dict[str, object], said: dict[str, object]) -> None:
    assert chosen(**flags).model_dump(mode="json", exclude_unset=True) == said


def test_who_gives_no_flag_has_the_settings() -> None:
    assert chosen() == AS_SET


def test_choices_reach_the_service_that_holds_the_directory(data: Path) -> None:
    with running(data):
        refused = forebay("ask", "How long are backups kept?", "--rerank", data=data)
        short = forebay("ask", "How long are backups kept?", "--context-tokens", "1", data=data)
    said("no reranker", refused)
    assert "0 passages shown" in short.stdout


def test_what_cannot_be_is_a_wrong_use_of_the_command(data: Path) -> None:
    said("no reranker", forebay("search", "backups", "--rerank", data=data))


def said(words: str, done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 2
    assert words in done.stderr
