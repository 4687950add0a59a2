"""An outside system that is away is waited for; one that refuses is not."""

import pytest

from domain.errors import ForebayError, ModelRateLimited, ModelUnreachable, Unavailable
from ingest.patience import Patience, patiently

SHORT = Patience(seconds=0.3, first=0.01, longest=0.02)


class Flaky:
    def __init__(self, *errors: ForebayError) -> None:
        self.errors = list(errors)
        self.said: list[str] = []

    async def call(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "there"

    async def try_it(self) -> str:
        return await patiently(self.call, SHORT, self.said.append)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("gone", transient=True),
        ModelRateLimited("busy", retry_after=0.01),
        ModelUnreachable("down", transient=True),
    ],
    ids=["store", "rate", "model"],
)
async def test_what_may_pass_is_waited_for_and_said(error: ForebayError) -> None:
    flaky = Flaky(error, error)
    assert await flaky.try_it() == "there"
    assert flaky.said == [str(error), str(error), ""]


@pytest.mark.parametrize(
    "error", [Unavailable("disk full"), ModelUnreachable("no such host")], ids=["store", "model"]
)
async def test_what_will_not_pass_is_raised_at_once(error: ForebayError) -> None:
    flaky = Flaky(error)
    with pytest.raises(type(error)):
        await flaky.try_it()
    assert flaky.said == []


async def test_patience_ends() -> None:
    flaky = Flaky(*(Unavailable("gone", transient=True) for _ in range(1000)))
    with pytest.raises(Unavailable, match="gone"):
        await flaky.try_it()
