"""Ends an answer that has grown beyond what was asked for, in tokens or in money.

Providers keep to the limit that they are sent; some servers do not. What is said is counted while
it streams, some words at a time. The answer ends as one that was too long does, and the call is
closed.
"""

from collections.abc import Callable
from contextlib import aclosing

from domain.completion import ChatRequest, Completion, Usage
from domain.errors import CapReached
from gateway.counting import Counting, spread
from gateway.policy.book import Priced
from gateway.policy.count import Tally
from gateway.policy.send import Items, Send

_PIECE = 200  # characters that are counted together


def capped(
    send: Send,
    provider: str,
    priced: Priced,
    counting: Counting,
    tally: Tally,
    dearest: int | None,
) -> Send:
    """`dearest`: micro-dollars that one call may cost, whatever the request says."""

    def cost(tokens: int) -> int:
        return priced.cost(Usage(tally.asked.now(), output=tokens))

    async def sent(request: ChatRequest) -> Items:
        _refuse_too_dear(request, priced.model, cost)
        said, tokens, counted, length = list[str](), 0, 0, 0
        async with aclosing(send(request)) as items:
            async for item in items:
                yield item
                if isinstance(item, Completion):
                    continue
                said.append(item.text)
                length += len(item.text)
                if length < _PIECE:
                    continue
                tokens += counting.text("".join(said[counted:]))
                counted, length = len(said), 0
                if why := _long(request, tokens, provider) or _dear(request, tokens, cost, dearest):
                    break
            else:
                return
        text = "".join(said)
        yield Completion(
            text=text,
            finish="length",
            model=priced.model,
            usage=Usage(tally.asked.now(), output=counting.text(text)),
            notes=(f"The answer of {priced.model} was ended: it was longer than {why}.",),
        )

    return sent


def _long(request: ChatRequest, tokens: int, provider: str) -> str:
    if tokens <= request.max_output_tokens * spread(provider):
        return ""
    return f"{request.max_output_tokens:,} tokens, its limit"


def _dear(
    request: ChatRequest, tokens: int, cost: Callable[[int], int], dearest: int | None
) -> str:
    caps = [cap for cap in (dearest, request.most_microdollars) if cap is not None]
    if not caps or cost(tokens) <= min(caps):
        return ""
    return f"${min(caps) / 1e6:.4f}, what it may cost"


def _refuse_too_dear(request: ChatRequest, model: str, cost: Callable[[int], int]) -> None:
    most = request.most_microdollars
    if most is not None and cost(0) > most:
        raise CapReached(
            f"Reading the prompt alone would cost more with {model} than the ${most / 1e6:.4f} "
            "that this question may cost. Ask for fewer passages (`limit`), of a cheaper `tier`, "
            "or raise `budget_dollars`."
        )
