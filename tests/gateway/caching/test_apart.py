"""Tenants share the cache of a prefix that is the operator's, and nothing behind or before it."""

from dataclasses import replace

import pytest

from domain.completion import Account, CachePlan, ChatRequest
from domain.prompt import Message, OutputSchema, Prompt, Tool, ToolRound
from domain.records import Turn
from gateway.caching.plan import Planner
from gateway.caching.rules import cache_rules
from prompts.brought import bring
from prompts.compose import compose
from prompts.prefix import Prefix, mapped, prefix
from prompts.sets import PromptSet
from tests.values import a_chunk

SET = PromptSet("answer/v9", (Message("system", "Rules. " * 1_200),))
ASKED = compose("Why?", [], prefix=prefix(SET))


def plans(
    *prompts: Prompt, provider: str = "openai", model: str = "gpt-5.4", isolated: bool = True
) -> list[CachePlan]:
    """Each of a tenant of its own."""
    planner, rules = Planner(isolated=isolated), cache_rules(provider, model)
    accounts = (Account(tenant=f"tenant-{n}") for n in range(len(prompts)))
    requests = (ChatRequest(p, account=a) for p, a in zip(prompts, accounts, strict=True))
    return [planner.plan(request, rules, model, 0.0) for request in requests]


@pytest.mark.parametrize("model", ["gpt-5.4", "gpt-5.6-sol"])
def test_a_long_prompt_set_has_one_key_and_goes_on_in_each_tenant_s_own_way(model: str) -> None:
    one, two = plans(ASKED, ASKED, model=model)
    assert one.key == two.key
    assert one.apart != two.apart
    assert one.apart == plans(ASKED, model=model)[0].apart


@pytest.mark.parametrize(
    "own",
    [
        compose("Why?", [], prefix=prefix(SET, [a_chunk()])),
        compose("Why?", [], prefix=prefix(SET, [a_chunk()], whole=True)),
        compose("Why?", [], prefix=mapped(SET, "src/main.py: main")),
        compose("Why?", [], prefix=Prefix("answer/v9", SET.messages)),
        bring(ASKED, tools=[Tool("search", "Searches.", "{}")]),
        replace(ASKED, schema=OutputSchema("wanted", "{}")),
        replace(ASKED, prefix=(*ASKED.prefix, Message("developer", "And this."))),
        compose("Why?", []),
    ],
    ids=["pinned", "document", "files", "unknown", "tools", "schema", "more", "short"],
)
def test_what_is_a_tenant_s_own_or_too_short_to_be_shared_has_its_own_key(own: Prompt) -> None:
    one, two = plans(own, own)
    assert one.key != two.key
    assert (one.apart, two.apart) == ("", "")


def test_where_sharing_is_wanted_nothing_sets_them_apart() -> None:
    one, two = plans(ASKED, ASKED, isolated=False)
    assert one == two
    assert not one.apart


@pytest.mark.parametrize(
    ("provider", "model"), [("anthropic", "claude-sonnet-5"), ("gemini", "gemini-3.1-pro")]
)
def test_a_cache_without_keys_costs_no_words(provider: str, model: str) -> None:
    assert not plans(ASKED, provider=provider, model=model)[0].apart


@pytest.mark.parametrize(
    "asked",
    [
        ASKED,
        compose("Why?", [], prefix=prefix(SET), history=[Turn("When?", "Now.", "")]),
        bring(ASKED, instructions="Be kind."),
        replace(ASKED, history=(ToolRound((), (), "I look."),)),
        replace(ASKED, rounds=(ToolRound((), (), "I look."),)),
    ],
    ids=["question", "conversation", "instructions", "calls before", "calls"],
)
def test_nothing_stands_between_the_boundary_and_what_sets_apart(asked: Prompt) -> None:
    apart = asked.continued("<!-- 1 -->\n")
    first = apart.turns[len(asked.prefix)]
    assert first.text.startswith("<!-- 1 -->\n")
    assert "".join(t.text for t in apart.turns).replace("<!-- 1 -->\n", "") == "".join(
        t.text for t in asked.turns
    )
    assert apart.prefix_fingerprint == asked.prefix_fingerprint
