"""One call to a model beside the answer: the mini tier writes something down. May fail."""

import asyncio
from dataclasses import dataclass, replace

from answering.question import AnswerServices, Question
from domain.answers import NOT_FOUND
from domain.completion import ChatRequest
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelRateLimited, ModelUnreachable, Unavailable
from domain.prompt import Prompt

TIER = "mini"


@dataclass(frozen=True, slots=True)
class Said:
    """`fault`: why there is no text, as half a sentence."""

    text: str = ""
    fault: str = ""
    cost_microdollars: int = 0


async def aside(
    prompt: Prompt,
    question: Question,
    services: AnswerServices,
    *,
    endpoint: str,
    output_tokens: int,
    seconds: float,
) -> Said:
    request = ChatRequest(
        prompt,
        output_tokens,
        tier=TIER,
        account=replace(question.account, endpoint=endpoint),
        deadline=Deadline.after(seconds),
    )
    try:
        async with asyncio.timeout(seconds):
            completion = await services.chat.complete(request)
    except (TimeoutError, DeadlineExceeded):
        return Said(fault=f"the model did not answer within {seconds:g} s")
    except (ModelRateLimited, ModelUnreachable, Unavailable) as error:
        return Said(fault=str(error).rstrip("."))
    text, cost = completion.text.strip(), completion.cost_microdollars
    if completion.finish == "refusal" or text in {"", NOT_FOUND}:
        return Said(fault=f"{completion.model} wrote nothing", cost_microdollars=cost)
    return Said(text, cost_microdollars=cost)
