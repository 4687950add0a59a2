"""Moments: ISO 8601 in the domain, timestamps in the database. Knows no clock."""

from datetime import UTC, datetime

from domain.errors import InvalidInput


def from_iso(text: str) -> datetime:
    """Without an offset a time means nothing, so that is refused, not guessed."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _unclear(text) from error
    if moment.tzinfo is None:
        raise _unclear(text)
    return moment


def to_iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def month_of(text: str) -> str:
    """In UTC, as in 2026-11."""
    return f"{from_iso(text).astimezone(UTC):%Y-%m}"


def _unclear(text: str) -> InvalidInput:
    return InvalidInput(
        f"'{text}' is not a time with an offset. Write it as in 2026-11-03T09:30:00+00:00."
    )
