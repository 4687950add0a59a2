"""A hundred requests over a provider at its worst; `soak.py` beside it makes thousands."""

import asyncio

import pytest

from tests.gateway.soak import Report, soak

REQUESTS = 100


@pytest.fixture(scope="module")
def report() -> Report:
    return asyncio.run(soak(REQUESTS, seed=7))


def test_no_text_is_doubled_or_lost(report: Report) -> None:
    assert (len(report.outcomes), report.garbled) == (REQUESTS, [])


def test_nothing_is_booked_that_the_provider_would_not_bill(report: Report) -> None:
    assert not report.unbilled


def test_every_call_that_the_provider_would_bill_is_booked(report: Report) -> None:
    """What we ended ourselves is counted by us, and bytes may have been on their way."""
    assert report.unbooked.total() <= report.cut


def test_no_request_outlives_its_deadline(report: Report) -> None:
    assert report.beyond <= 0.1 + 2 * report.lag


def test_the_provider_sees_no_more_than_it_allows(report: Report) -> None:
    assert report.over_limit == 0
