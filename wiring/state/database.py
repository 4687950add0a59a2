"""Opens the state database and hands out what implements the ports."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from wiring.state.address import Address
from wiring.state.collections import Collections
from wiring.state.connection import Database, connect
from wiring.state.documents import Documents
from wiring.state.episodes import Episodes
from wiring.state.installation import secret
from wiring.state.jobs import Jobs
from wiring.state.kept import Kept
from wiring.state.keys import Keys
from wiring.state.ledger import SqlLedger
from wiring.state.locks import hold
from wiring.state.migrate import bring_up_to_date
from wiring.state.pin_trials import PinTrials
from wiring.state.pins import Pins
from wiring.state.purse import SqlPurse
from wiring.state.sessions import Sessions
from wiring.state.shown import Shown
from wiring.state.traces import Traces

_PING_SECONDS = 5


@dataclass(frozen=True, slots=True)
class State:
    documents: Documents
    collections: Collections
    keys: Keys
    sessions: Sessions
    ledger: SqlLedger
    jobs: Jobs
    traces: Traces
    purse: SqlPurse
    pins: Pins
    pin_trials: PinTrials
    shown: Shown
    episodes: Episodes
    kept: Kept
    database: Database = field(repr=False)

    def hold(self, name: str, waiting: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Nobody else who shares the database is in a block of this name."""
        return hold(self.database, name, waiting)

    async def secret(self, name: str) -> bytes:
        """A key that the installation made for itself, the same for all who share the database."""
        return await secret(self.database, name)

    async def ping(self) -> None:
        """Unavailable, when it does not answer."""
        async with self.database.transaction(_PING_SECONDS) as connection:
            await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def open_state(url: str) -> AsyncIterator[State]:
    """Connects, brings the schema up to date, and closes at the end."""
    database = connect(Address.parse(url))
    try:
        await bring_up_to_date(database)
        yield State(
            documents=Documents(database),
            collections=Collections(database),
            keys=Keys(database),
            sessions=Sessions(database),
            ledger=SqlLedger(database),
            jobs=Jobs(database),
            traces=Traces(database),
            purse=SqlPurse(database),
            pins=Pins(database),
            pin_trials=PinTrials(database),
            shown=Shown(database),
            episodes=Episodes(database),
            kept=Kept(database),
            database=database,
        )
    finally:
        await database.engine.dispose()
