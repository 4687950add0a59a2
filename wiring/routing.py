"""What the settings say of tiers, efforts and trials: who is asked, how, and for whom.

Opens no model: that is `lanes.py`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from answering.question import AnswerConfig, Question, SteerConfig
from domain.errors import Misconfigured
from gateway.canary import CHAIN, Trial
from gateway.manner import Manner
from gateway.routing import RoutingConfig
from wiring.settings import Settings

if TYPE_CHECKING:
    from gateway.gateway import Chain

AUTO = "auto"
_DATED = re.compile(r"-(?:20\d\d-?\d\d-?\d\d|\d\d-20\d\d|\d{3,4})$")  # as the three vendors do


def usual_tier(settings: Settings) -> str:
    """Of calls that name none: of helpers as well, which cannot be looked at."""
    if settings.chat.tier == AUTO:
        return "mini" if settings.tiers.mini else ""
    return settings.chat.tier or ""


def steer_config(settings: Settings) -> SteerConfig:
    """The nano model is asked only where there is one of its own."""
    auto = settings.chat.tier == AUTO
    return SteerConfig(AUTO if auto else "", RoutingConfig(asks=bool(settings.tiers.nano)))


def manners(chains: "Mapping[str, Chain]", settings: Settings) -> dict[str, Manner]:
    """Misconfigured where a model that is known does not take its tier's effort."""
    found = {}
    for tier, effort in settings.efforts.model_dump().items():
        if effort is None:
            continue
        for lane in (route.usual for route in chains[tier]):
            if lane.has and lane.has.known and lane.has.efforts and effort not in lane.has.efforts:
                raise Misconfigured(
                    f"FOREBAY_EFFORTS__{tier.upper()} is {effort}, which {lane.name} does not "
                    f"take. It takes {', '.join(lane.has.efforts)}."
                )
        found[tier] = Manner(effort)
    if usual := usual_tier(settings):
        found[""] = found.get(usual, Manner())
    return found


def trial(settings: Settings) -> Trial | None:
    """None where nobody's questions take part."""
    return tried(settings) if settings.canary.share else None


def usually_tried(settings: Settings, tenant: str) -> Trial | None:
    """What the tenant's questions take part in that choose nothing themselves."""
    running = trial(settings)
    steered = running and running.chain and settings.chat.tier == AUTO
    return running if running and not steered and running.arm(tenant, "") else None


def tried(settings: Settings) -> Trial:
    """Misconfigured where nothing is on trial, or a prompt that is not there."""
    canary = settings.canary
    if not (canary.chain or canary.prompt):
        raise Misconfigured(
            "By the settings nothing is on trial. Set FOREBAY_CANARY__CHAIN or "
            "FOREBAY_CANARY__PROMPT, or leave FOREBAY_CANARY__SHARE out."
        )
    if canary.prompt:
        settings.prompt.library.read(canary.prompt)
    return Trial(canary.share, canary.chain or "", canary.prompt or "", canary.tenants)


def on_trial(
    question: Question, config: AnswerConfig, settings: Settings
) -> tuple[Question, AnswerConfig]:
    """With its arm, where it has none yet, and what that is answered with.

    A trial of models is about the usual ones: who names a tier takes no part.
    """
    running = tried(settings) if question.arm else trial(settings)
    if running is None or (running.chain and (question.tier or config.steer.tier)):
        return question, config
    drawn = running.arm(question.tenant, question.session or uuid4().hex)
    arm = question.arm or drawn
    question = replace(question, arm=arm, trial=running.id if arm else "")
    if question.arm != "canary":
        return question, config
    tier = CHAIN if running.chain else question.tier
    prompt = running.prompt or config.prompt
    return replace(question, tier=tier), replace(config, prompt=prompt)


def aliases(settings: Settings) -> Iterator[str]:
    """Models of the chains whose name has no date: who provides them may change what it means."""
    chains = [*settings.tiers.model_dump().values(), settings.canary.chain]
    if not usual_tier(settings):
        chains.append(f"openai/{settings.chat.model}")
    hosted = ["anthropic/", "gemini/"]
    if settings.openai_base_url is None:
        hosted.append("openai/")
    named = (step.strip() for chain in chains if chain for step in chain.split(","))
    for step in dict.fromkeys(named):
        if step.startswith(tuple(hosted)) and not _DATED.search(step):
            yield step
