"""Times of the week: `Mon-Fri 07:55, Sat 09:00`. Knows no clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import Misconfigured

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENTRY = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))?\s+)?(\d{1,2}):(\d{2})")
_WEEK = 8  # days in which each time has come, and one for a change of the clocks


@dataclass(frozen=True, slots=True)
class _Entry:
    days: frozenset[int]  # Monday is 0
    at: time


@dataclass(frozen=True, slots=True)
class Schedule:
    entries: tuple[_Entry, ...]
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: str, variable: str) -> "Schedule":
        """`variable`: where it was set."""
        try:
            entries = tuple(_entry(part.strip().lower()) for part in text.split(","))
        except ValueError as error:
            raise Misconfigured(
                f"{variable} is '{text}': {error}. Write `Mon-Fri 07:55`, `Sat 09:00`, or `06:30` "
                "for every day, with commas between them."
            ) from None
        try:
            return cls(entries, ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError):
            raise Misconfigured(
                f"There is no time zone '{zone}'. Write one such as Europe/Berlin."
            ) from None

    def after(self, moment: datetime) -> datetime:
        """The next time that comes."""
        return min(one for one in self._around(moment) if one > moment)

    def _around(self, moment: datetime) -> Iterator[datetime]:
        today = moment.astimezone(self.zone).date()
        for ahead in range(_WEEK + 1):
            day = today + timedelta(days=ahead)
            for entry in self.entries:
                if day.weekday() in entry.days:
                    yield datetime.combine(day, entry.at, self.zone)


def _entry(text: str) -> _Entry:
    found = _ENTRY.fullmatch(text)
    if not found:
        raise ValueError(f"'{text}' is no time")
    first, last, hour, minute = found.groups()
    for day in (first, last):
        if day and day not in _DAYS:
            raise ValueError(f"'{day}' is no day")
    at = time(int(hour), int(minute))
    if not first:
        return _Entry(frozenset(range(len(_DAYS))), at)
    begin = _DAYS.index(first)
    length = (_DAYS.index(last or first) - begin) % len(_DAYS)
    return _Entry(frozenset((begin + n) % len(_DAYS) for n in range(length + 1)), at)
