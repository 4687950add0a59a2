"""Whose models answer a question: those of the tier that it names, or that it looks to need.

`auto` looks at the question and at what was found for it. Knows no models.
"""

from collections.abc import Sequence

from answering.question import AnswerServices, Question
from domain.hits import Hit
from domain.prompt import Prompt
from gateway.routing import Asked, Chosen, choose_tier
from prompts import choosing

AUTO = "auto"
_TURN = 2  # messages


async def steer(
    question: Question, prompt: Prompt, hits: Sequence[Hit], services: AnswerServices
) -> Chosen:
    """`hits`: as they are shown."""
    config = services.config.steer
    tier = question.tier or config.tier
    if tier != AUTO:
        return Chosen(tier, "it was asked for" if question.tier else "")
    asked = Asked(prompt.question, [hit.score for hit in hits], len(prompt.history) // _TURN)
    account = question.account
    return await choose_tier(asked, services.chat, choosing.choose_tier, config.routing, account)
