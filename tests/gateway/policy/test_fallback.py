"""Which error goes on to which model, and which is seen at once."""

from dataclasses import replace

import pytest

from domain.completion import ChatRequest, Completion, Delta
from domain.deadline import Deadline
from domain.errors import (
    DeadlineExceeded,
    ForebayError,
    InvalidInput,
    ModelBalanceEmpty,
    ModelContextExceeded,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.policy.fallback import Step, falling_back
from tests.gateway.policy.scripted import REQUEST, Scripted, all_of, heard, said

TOO_LONG = ModelContextExceeded("too long")

GOES_ON = {
    "busy": ModelRateLimited("busy"),
    "away": ModelUnreachable("away"),
    "no balance": ModelBalanceEmpty("empty"),
    "would wait too long": DeadlineExceeded("in 9 s", stage="retry"),
}
STOPS = {
    "rejected": ModelRejected("400"),
    "not possible": InvalidInput("effort", field="effort"),
    "too long for both": TOO_LONG,
}


def in_time() -> ChatRequest:
    return replace(REQUEST, deadline=Deadline.after(60))


@pytest.mark.parametrize("error", GOES_ON.values(), ids=GOES_ON)
async def test_the_next_model_answers_and_a_note_says_why(error: ForebayError) -> None:
    chain = [Step("a", Scripted([error]).stream), Step("b", Scripted(said("yes")).stream)]
    *_, last = await all_of(falling_back(chain)(in_time()))
    assert isinstance(last, Completion)
    assert (last.text, last.notes) == ("yes", (f"a was passed over: {error}",))


@pytest.mark.parametrize("error", STOPS.values(), ids=STOPS)
async def test_what_another_model_must_not_cover_up_is_raised(error: ForebayError) -> None:
    second = Scripted(said("yes"))
    with pytest.raises(type(error)):
        await all_of(
            falling_back([Step("a", Scripted([error]).stream), Step("b", second.stream)])(in_time())
        )
    assert second.asked == []


async def test_after_the_first_word_no_other_model_goes_on() -> None:
    first, second = Scripted([Delta("a"), GOES_ON["away"]]), Scripted(said("yes"))
    chain = [Step("a", first.stream), Step("b", second.stream)]
    words, error = await heard(falling_back(chain)(in_time()))
    assert (words, error, second.asked) == (["a"], GOES_ON["away"], [])


async def test_a_prompt_that_is_too_long_goes_to_a_model_with_a_larger_window() -> None:
    small, larger = Scripted(), Scripted(said("yes"))
    chain = [
        Step("a", Scripted([TOO_LONG]).stream, 128_000),
        Step("b", small.stream, 32_000),
        Step("c", larger.stream, 1_000_000),
    ]
    await all_of(falling_back(chain)(in_time()))
    assert (len(small.asked), len(larger.asked)) == (0, 1)


async def test_the_last_error_is_the_one_that_is_raised() -> None:
    chain = [Step(str(e), Scripted([e]).stream) for e in GOES_ON.values()]
    with pytest.raises(DeadlineExceeded, match="in 9 s"):
        await all_of(falling_back(chain)(in_time()))


async def test_when_the_time_is_over_nobody_else_is_asked() -> None:
    second = Scripted(said("yes"))
    chain = [Step("a", Scripted([GOES_ON["would wait too long"]]).stream), Step("b", second.stream)]
    with pytest.raises(DeadlineExceeded):
        await all_of(falling_back(chain)(replace(REQUEST, deadline=Deadline.after(0))))
    assert second.asked == []
