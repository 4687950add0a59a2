"""One row in the ledger for every call that cost something, also when nobody got its answer.

A call that ended well is booked with what the provider says it used. One that broke after it had
begun, or that we closed ourselves (the listener left, the time was over, it fell silent), is booked
with what we count: the prompt, and the words that came. A call that was refused cost nothing. Of a
whole answer that never arrived only the prompt is known. An error that says what was used is booked
with that.
"""

import asyncio
import hmac
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter

from domain.answers import NOT_FOUND
from domain.completion import ChatRequest, Completion, Usage
from domain.errors import ModelError, ModelUnreachable
from domain.prompt import Prompt
from domain.records import LedgerRow
from gateway.books import Books
from gateway.counting import Counting, spread, texts
from gateway.policy.count import Tally
from gateway.policy.send import Items, Send


@dataclass(frozen=True, slots=True)
class Priced:
    """A model, and what its tokens cost in micro-dollars."""

    model: str
    cost: Callable[[Usage], int]

    def worst(self, request: ChatRequest, tokens: int, provider: str) -> int:
        """The dearest that a call can become, with a prompt of so many tokens by our count."""
        most = round(tokens * spread(provider))
        plain = Usage(input=most, output=request.max_output_tokens)
        written = replace(plain, written=most, written_long=most)
        return max(self.cost(plain), self.cost(written))


def booked(
    send: Send, provider: str, priced: Priced, books: Books | None, tally: Tally, counting: Counting
) -> Send:
    """The Completion says who gave it, what it cost, and how many calls failed before."""

    async def sent(request: ChatRequest) -> Items:
        call, ended = _Call(request, provider, priced, books, tally), False
        try:
            tally.asked.begin()
            async with aclosing(send(request)) as items:
                async for item in items:
                    if isinstance(item, Completion):
                        ended = True
                        yield call.ended(item)
                    else:
                        call.hear(item.text)
                        yield item
        except ModelError as error:
            begun = call.said or (isinstance(error, ModelUnreachable) and error.begun)
            if (begun or error.usage) and not ended:
                call.cut_off("broken", counting, error.usage)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            if not ended:
                over = request.deadline and not request.deadline.left
                call.cut_off("late" if over else "left", counting)
            raise

    return sent


class _Call:
    """One, while it lasts."""

    def __init__(
        self,
        request: ChatRequest,
        provider: str,
        priced: Priced,
        books: Books | None,
        tally: Tally,
    ) -> None:
        self._request = request
        self._provider = provider
        self._priced = priced
        self._books = books
        self._tally = tally
        self._at = datetime.now(UTC)
        self._start = perf_counter()
        self._first: float | None = None
        self.said: list[str] = []

    def hear(self, text: str) -> None:
        if self._first is None:
            self._first = perf_counter() - self._start
        self.said.append(text)

    def ended(self, item: Completion) -> Completion:
        completion = replace(
            item,
            provider=self._provider,
            retries=self._tally.failed,
            cost_microdollars=self._priced.cost(item.usage),
        )
        self._book(completion, completion.finish)
        return completion

    def cut_off(self, finish: str, counting: Counting, used: Usage | None = None) -> None:
        """`used`: as the provider says; else as we count."""
        usage = used or Usage(self._tally.asked.now(), output=counting.text("".join(self.said)))
        cost = self._priced.cost(usage)
        cut = Completion("", "stop", self._priced.model, usage, cost, provider=self._provider)
        self._book(replace(cut, retries=self._tally.failed), finish)

    def _book(self, completion: Completion, finish: str) -> None:
        self._tally.spent += completion.cost_microdollars
        if self._books:
            self._books.put(self._row(completion, finish, self._books.mark))

    def _row(self, completion: Completion, finish: str, mark: bytes) -> LedgerRow:
        request, account = self._request, self._request.account
        return LedgerRow(
            at=self._at.isoformat(),
            tenant=account.tenant,
            endpoint=account.endpoint,
            model=completion.model,
            prompt_version=request.prompt.version,
            prefix_fingerprint=request.prompt.prefix_fingerprint,
            usage=completion.usage,
            cost_microdollars=completion.cost_microdollars,
            seconds=perf_counter() - self._start,
            finish=finish,
            request_id=completion.request_id,
            key=account.key,
            feature=account.feature,
            provider=completion.provider,
            tier=request.tier,
            cache_key=(request.cache and request.cache.key) or "",
            tools=tuple(call.name for call in completion.calls),
            retries=completion.retries,
            first_seconds=self._first,
            input_mark=_mark(request.prompt, mark),
            counted_input=self._tally.asked.found,
            cache=completion.cache,
            arm=account.arm,
            trial=account.trial,
            found=_found(completion) if finish == "stop" else None,
        )


def _found(completion: Completion) -> bool:
    return completion.text.strip() != NOT_FOUND


def _mark(prompt: Prompt, key: bytes) -> str:
    """The same for the same input; without the key it says nothing about it."""
    made = hmac.new(key, digestmod="sha256")
    for text in texts(prompt):
        made.update(len(text).to_bytes(8, "big"))
        made.update(text.encode())
    return made.hexdigest()[:32]
