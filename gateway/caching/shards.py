"""Spreads one hot prefix over several cache keys, since a key carries so many requests a minute.

The first key that has room is taken, so that the first stays warm and more are used only when
they are needed. A conversation keeps its key while that has room. Time is given, never read.
"""

from collections import OrderedDict, deque

_MINUTE = 60.0
_MOST = 20_000  # prefixes and sessions that are remembered


class Shards:
    def __init__(self) -> None:
        self._taken: OrderedDict[str, list[deque[float]]] = OrderedDict()
        self._homes: OrderedDict[str, int] = OrderedDict()

    def choose(self, prefix: str, session: str, rate: int, now: float) -> int:
        taken = self._taken.setdefault(prefix, [])
        self._taken.move_to_end(prefix)
        for times in taken:
            while times and times[0] <= now - _MINUTE:
                times.popleft()
        free = [number for number, times in enumerate(taken) if len(times) < rate]
        home = self._homes.get(f"{prefix} {session}") if session else None
        number = home if home in free else free[0] if free else len(taken)
        if number == len(taken):
            taken.append(deque())
        taken[number].append(now)
        while len(taken) > 1 and not taken[-1]:
            taken.pop()
        if session:
            self._homes[f"{prefix} {session}"] = number
        for kept in (self._taken, self._homes):
            if len(kept) > _MOST:
                kept.popitem(last=False)
        return number
