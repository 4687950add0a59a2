"""The state passes the contracts of its ports, on both databases."""

from tests.contracts.state_collections import CollectionRegistryContract
from tests.contracts.state_documents import DocumentRegistryContract
from tests.contracts.state_jobs import JobRegistryContract
from tests.contracts.state_keys import KeyRegistryContract
from tests.contracts.state_ledger import LedgerContract
from tests.contracts.state_purse import PurseContract
from tests.contracts.state_sessions import SessionLogContract
from tests.contracts.state_traces import TraceLogContract


class TestDocuments(DocumentRegistryContract):
    pass


class TestCollections(CollectionRegistryContract):
    pass


class TestKeys(KeyRegistryContract):
    pass


class TestSessions(SessionLogContract):
    pass


class TestLedger(LedgerContract):
    pass


class TestPurse(PurseContract):
    pass


class TestJobs(JobRegistryContract):
    pass


class TestTraces(TraceLogContract):
    pass
