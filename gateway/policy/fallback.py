"""Which model is asked when one cannot answer: the next of the chain, by what went wrong.

It goes on when a model is busy, away, without balance, or would take longer than there is time;
to a model with a larger window, too, when the prompt was too long for this one. It never goes on
from what is wrong with the request or the key: that has to be seen, not covered up. Nor does it
once anything was handed on.
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from domain.completion import ChatRequest, Completion
from domain.errors import (
    DeadlineExceeded,
    ForebayError,
    ModelBalanceEmpty,
    ModelContextExceeded,
    ModelError,
    ModelRateLimited,
    ModelUnreachable,
)
from gateway.policy.send import Items, Send

_GOES_ON = (ModelRateLimited, ModelUnreachable, ModelBalanceEmpty)


@dataclass(frozen=True, slots=True)
class Step:
    """One model of a chain. `window`: the tokens it reads, where that is known."""

    name: str
    send: Send
    window: int | None = None


def falling_back(chain: Sequence[Step]) -> Send:
    async def sent(request: ChatRequest) -> Items:
        notes: tuple[str, ...] = ()
        left = list(chain)
        while True:
            step, begun = left.pop(0), False
            try:
                async with aclosing(step.send(request)) as items:
                    async for item in items:
                        begun = True
                        yield _noted(item, notes) if isinstance(item, Completion) else item
                    return
            except (ModelError, DeadlineExceeded) as error:
                left = _after(error, step, left, request)
                if begun or not left:
                    raise
                notes = (*notes, f"{step.name} was passed over: {error}")

    return sent


def _after(error: ForebayError, step: Step, left: list[Step], request: ChatRequest) -> list[Step]:
    """Those that may be asked after this error."""
    if isinstance(error, ModelContextExceeded):
        return [one for one in left if one.window and step.window and one.window > step.window]
    if isinstance(error, DeadlineExceeded):
        return left if request.deadline and request.deadline.left else []
    return left if isinstance(error, _GOES_ON) else []


def _noted(completion: Completion, notes: tuple[str, ...]) -> Completion:
    return replace(completion, notes=(*completion.notes, *notes)) if notes else completion
