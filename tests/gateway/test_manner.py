"""How much a model thinks where the request leaves that open."""

from dataclasses import replace

import pytest

from domain.completion import ChatRequest
from gateway.capabilities import capabilities
from gateway.gateway import GatewayConfig, Route
from gateway.manner import Manner, in_manner
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import REQUEST, MemoryLedger, Scripted, said

SHORT = Manner("low", "low")
ASKED: dict[str, tuple[str, str, ChatRequest, tuple[str | None, str | None]]] = {
    "it has both": ("openai", "gpt-5.4-mini", REQUEST, ("low", "low")),
    "a request says more": (
        "openai",
        "gpt-5.4-mini",
        replace(REQUEST, effort="high", verbosity="high"),
        ("high", "high"),
    ),
    "it has not this effort": ("openai", "gpt-5.4-pro", REQUEST, (None, "low")),
    "it has no effort": ("openai", "gpt-4.1", REQUEST, (None, None)),
    "nobody knows": ("openai", "gpt-99", REQUEST, (None, None)),
    "another server": ("elsewhere", "llama-4", REQUEST, (None, None)),
}


@pytest.mark.parametrize(("provider", "model", "request_", "sent"), ASKED.values(), ids=ASKED)
def test_a_model_is_asked_for_what_it_can(
    provider: str, model: str, request_: ChatRequest, sent: tuple[str | None, str | None]
) -> None:
    made = in_manner(request_, SHORT, capabilities(provider, model))
    assert (made.effort, made.verbosity) == sent


async def test_a_tier_thinks_as_it_is_set_and_the_others_as_usual() -> None:
    model = Scripted(said("one"), said("two"))
    lane = replace(a_lane(model), has=capabilities("openai", "gpt-5.4-mini"), manner=SHORT)
    config = GatewayConfig(manners={"pro": Manner("high")})
    gateway = a_gateway(lane, ledger=MemoryLedger(), tiers={"pro": [Route(lane)]}, config=config)
    await gateway.complete(replace(REQUEST, tier="pro"))
    await gateway.complete(REQUEST)
    assert [request.effort for request in model.asked] == ["high", "low"]
    assert [request.verbosity for request in model.asked] == ["low", "low"]
