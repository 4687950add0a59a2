"""What a service that was killed left behind: ledger, spending, advances, conversations.

Ledger and money are read from its database, conversations over HTTP from the service that was
started again over it. A conversation that cannot be read, or has a turn twice, ends the benchmark.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from bench.command import Stopped
from bench.serve_load import Questions, Stream

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything but the first three has to be 0."""

    booked: frozenset[str] = field(repr=False)  # requests that have a row
    conversations: int
    turns: int
    twice: int  # requests with two rows
    foreign: int  # rows of no request that was sent and let in
    off_microdollars: int  # between the ledger's rows and what is booked as spent
    held_microdollars: int  # of the month's money, by the process that is gone
    unsound: int  # 1: by SQLite's own check
    turns_lost: int  # of answers that were heard to their end
    turns_empty: int

    @property
    def wrong(self) -> bool:
        return any((
            self.twice, self.foreign, self.off_microdollars, self.held_microdollars,
            self.unsound, self.turns_lost, self.turns_empty,
        ))  # fmt: skip


async def kept(data: Path, url: str, streams: Sequence[Stream], asked: Questions) -> Kept:
    with closing(sqlite3.connect(f"file:{data / 'state.db'}?mode=ro", uri=True)) as state:

        def total(query: str) -> int:
            return int(state.execute(query).fetchone()[0] or 0)

        requests = Counter(row[0] for row in state.execute("SELECT request FROM ledger"))
        booked = total("SELECT sum(cost_microdollars) FROM ledger")
        spent = total("SELECT sum(microdollars) FROM spending")
        held = total("SELECT sum(microdollars) FROM advances")
        sound = state.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    turns = await _turns(url, {stream.asker for stream in streams}, asked)
    heard = [(s.asker, asked.text(s.asker, s.question)) for s in streams if s.how == "done"]
    return Kept(
        booked=frozenset(requests),
        conversations=len(turns),
        turns=sum(map(len, turns.values())),
        twice=sum(count > 1 for count in requests.values()),
        foreign=len(set(requests) - {s.request for s in streams if s.how != "refused"}),
        off_microdollars=abs(booked - spent),
        held_microdollars=held,
        unsound=not sound,
        turns_lost=sum(text not in turns.get(asker, {}) for asker, text in heard),
        turns_empty=sum(not answer for found in turns.values() for answer in found.values()),
    )


async def _turns(url: str, askers: set[int], asked: Questions) -> dict[int, dict[str, str]]:
    """Of each asker, the answers by their questions."""
    found: dict[int, dict[str, str]] = {}
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        for asker in sorted(askers):
            name = asked.session(asker)
            said = await client.get(f"/v1/sessions/{name}")
            if said.status_code == _NOT_FOUND:  # none of its questions was answered
                continue
            turns = said.raise_for_status().json()["turns"]
            found[asker] = {turn["question"]: turn["answer"] for turn in turns}
            if len(found[asker]) != len(turns):
                raise Stopped(f"The conversation '{name}' has a turn twice.")
    return found
