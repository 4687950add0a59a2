"""`--since`: a moment in the past, as people say it."""

import re
from datetime import UTC, datetime, timedelta

from domain.errors import InvalidInput

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str, now: datetime | None = None) -> str:
    """ISO 8601 in UTC, of "7d", "24h", "30m", "2w" or a date with or without its time."""
    if found := re.fullmatch(r"(\d+)([mhdw])", text):
        number, unit = found.groups()
        return ((now or datetime.now(UTC)) - timedelta(**{_UNITS[unit]: int(number)})).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"--since is '{text}'. Write 7d, 24h, 30m, 2w, or a date such as 2026-11-01.",
            field="since",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
