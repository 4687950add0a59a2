"""The state passes the contracts of its ports, on both databases."""

from dataclasses import replace

from tests.contracts.state_collections import CollectionRegistryContract
from tests.contracts.state_documents import DocumentRegistryContract
from tests.contracts.state_jobs import JobRegistryContract
from tests.contracts.state_keys import KeyRegistryContract
from tests.contracts.state_ledger import NOVEMBER, LedgerContract, a_row
from tests.contracts.state_purse import PurseContract
from tests.contracts.state_sessions import SessionLogContract
from tests.contracts.state_traces import TraceLogContract
from wiring.state.ledger import SqlLedger


class TestDocuments(DocumentRegistryContract):
    pass


class TestCollections(CollectionRegistryContract):
    pass


class TestKeys(KeyRegistryContract):
    pass


class TestSessions(SessionLogContract):
    pass


class TestLedger(LedgerContract):
    async def test_what_is_booked_of_a_trial_is_read_as_it_was(self, ledger: SqlLedger) -> None:
        row = replace(a_row(), arm="canary", trial="0123456789abcdef", found=True)
        await ledger.book(row)
        assert await ledger.rows("acme", NOVEMBER) == [row]


class TestPurse(PurseContract):
    pass


class TestJobs(JobRegistryContract):
    pass


class TestTraces(TraceLogContract):
    pass
