"""What stands in the ledger after a call, however it ended."""

import asyncio
from dataclasses import replace

import pytest

from domain.completion import Account, Completion, Delta, Usage
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelError, ModelRejected, ModelUnreachable
from gateway.books import Books
from gateway.counting import Asked, Counting
from gateway.policy.book import Priced, booked
from gateway.policy.count import Tally
from gateway.policy.deadline import within_deadline
from gateway.policy.send import Send
from tests.gateway.policy.scripted import DONE, REQUEST, USAGE, MemoryLedger, Scripted, all_of, said
from tests.provider.tokens import MESSAGE_OVERHEAD, count, counter

ASKED = sum(count(m.text) + MESSAGE_OVERHEAD for m in REQUEST.prompt.messages)
AWAY = ModelUnreachable("away")


def cents(usage: Usage) -> int:
    return usage.input + 10 * usage.output


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def books(ledger: MemoryLedger) -> Books:
    return Books(MemoryLedger(), mark=b"key", seen=ledger.rows.append)


def of(model: Scripted, books: Books) -> Send:
    counting = Counting(counter())
    tally = Tally(Asked(REQUEST.prompt, counting), failed=2)
    return booked(model.stream, "any", Priced("gpt-5.4-mini", cents), books, tally, counting)


async def test_an_answer_is_booked_before_it_is_handed_on(
    ledger: MemoryLedger, books: Books
) -> None:
    async for item in of(Scripted(said("a")), books)(REQUEST):
        assert isinstance(item, Completion) == bool(ledger.rows)
    assert [(row.usage, row.cost_microdollars, row.finish) for row in ledger.rows] == [
        (USAGE, cents(USAGE), "stop")
    ]


async def test_a_row_says_for_whom_and_what_for(ledger: MemoryLedger, books: Books) -> None:
    account = Account(tenant="acme", endpoint="understand")
    await all_of(of(Scripted([DONE]), books)(replace(REQUEST, account=account)))
    row, prompt = ledger.rows[0], REQUEST.prompt
    assert (row.tenant, row.endpoint, row.model) == ("acme", "understand", "scripted")
    assert (row.prompt_version, row.prefix_fingerprint) == (
        prompt.version,
        prompt.prefix_fingerprint,
    )


REFUSED = [ModelUnreachable("503", begun=False), ModelRejected("no")]


@pytest.mark.parametrize("error", REFUSED, ids=["busy", "rejected"])
async def test_what_was_refused_cost_nothing(
    ledger: MemoryLedger, books: Books, error: Exception
) -> None:
    with pytest.raises(type(error)):
        await all_of(of(Scripted([error]), books)(REQUEST))
    await books.close()
    assert ledger.rows == []


@pytest.mark.parametrize("kind", [ModelUnreachable, ModelRejected], ids=["failed", "rejected"])
async def test_a_failure_that_says_what_it_used_is_booked_with_that(
    ledger: MemoryLedger, books: Books, kind: type[ModelError]
) -> None:
    used = Usage(input=70, output=9)
    with pytest.raises(kind):
        await all_of(of(Scripted([kind("a call that is none", usage=used)]), books)(REQUEST))
    await books.close()
    (row,) = ledger.rows
    assert (row.usage, row.cost_microdollars, row.finish) == (used, cents(used), "broken")


async def test_a_stream_that_broke_is_booked_with_what_came(
    ledger: MemoryLedger, books: Books
) -> None:
    with pytest.raises(ModelUnreachable):
        await all_of(of(Scripted([Delta("one "), Delta("two"), AWAY]), books)(REQUEST))
    await books.close()
    usage = Usage(input=ASKED, output=2)
    assert [(r.usage, r.cost_microdollars, r.finish) for r in ledger.rows] == [
        (usage, cents(usage), "broken")
    ]


async def test_a_call_that_broke_before_its_first_word_is_booked_with_its_prompt(
    ledger: MemoryLedger, books: Books
) -> None:
    with pytest.raises(ModelUnreachable):
        await all_of(of(Scripted([AWAY]), books)(REQUEST))
    await books.close()
    assert [row.usage for row in ledger.rows] == [Usage(input=ASKED)]


async def test_a_listener_that_leaves_pays_for_what_it_heard(
    ledger: MemoryLedger, books: Books
) -> None:
    items = of(Scripted(said("one ", "two ", "three")), books)(REQUEST)
    await anext(items)
    await items.aclose()
    await books.close()
    assert [(row.usage.output, row.finish) for row in ledger.rows] == [(count("one "), "left")]


async def test_who_leaves_before_the_first_word_pays_for_the_prompt(
    ledger: MemoryLedger, books: Books
) -> None:
    call = asyncio.create_task(all_of(of(Scripted([9.0, DONE]), books)(REQUEST)))
    await asyncio.sleep(0.01)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await books.close()
    assert [row.usage for row in ledger.rows] == [Usage(input=ASKED)]


async def test_a_late_answer_is_booked_as_late(ledger: MemoryLedger, books: Books) -> None:
    send = within_deadline(of(Scripted([Delta("a"), 9.0, DONE]), books))
    with pytest.raises(DeadlineExceeded):
        await all_of(send(replace(REQUEST, deadline=Deadline.after(0.02))))
    await books.close()
    assert [row.finish for row in ledger.rows] == ["late"]


async def test_a_reader_that_stops_after_the_end_is_booked_once(
    ledger: MemoryLedger, books: Books
) -> None:
    items = of(Scripted([DONE, Delta("never")]), books)(REQUEST)
    await anext(items)
    await items.aclose()
    await books.close()
    assert len(ledger.rows) == 1


async def test_a_row_says_of_which_trial_it_is(ledger: MemoryLedger, books: Books) -> None:
    account = Account(arm="canary", trial="one")
    await all_of(of(Scripted([DONE]), books)(replace(REQUEST, account=account)))
    assert [(row.arm, row.trial) for row in ledger.rows] == [("canary", "one")]
