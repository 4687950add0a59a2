"""Documents → gone: by name, by id, by what their passages say of them, or all of a tenant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from domain.errors import NotFound
from domain.filters import Filter
from domain.ingestion import IngestReport
from domain.ports import ChunkStore
from domain.state_ports import DocumentRegistry
from ingest.account import Account
from ingest.patience import Patience
from ingest.write import Writer, removed

_GROUP = 500  # documents that are removed in one go


@dataclass(frozen=True, slots=True)
class Which:
    """Those that any part names."""

    sources: Sequence[str] = ()
    ids: Sequence[str] = ()
    where: Filter = ()
    everything: bool = False


async def remove(
    tenant: str,
    collection: str,
    which: Which,
    *,
    store: ChunkStore,
    documents: DocumentRegistry,
    dry_run: bool = False,
) -> IngestReport:
    account = Account(lambda _: None)
    if collection not in await store.collections():
        raise NotFound(f"There is no collection '{collection}'.")
    known = await documents.all(tenant, collection)
    _expect(which.sources, {record.source for record in known}, collection)
    _expect(which.ids, {record.id for record in known}, collection)
    matching = set(which.ids)
    if which.where:
        matching |= {c.document_id async for c in store.scroll(tenant, collection, which.where)}
    gone = [
        record
        for record in known
        if which.everything or record.source in which.sources or record.id in matching
    ]
    writer = Writer(tenant, collection, store, documents, account, Patience())
    if dry_run:
        account.settle(removed(gone))
        return account.report(dry_run=True)
    for start in range(0, len(gone), _GROUP):
        await writer.remove(gone[start : start + _GROUP])
    if which.everything:
        await store.delete_tenant(tenant, collection)  # also what no record knows of
    return account.report()


def _expect(wanted: Sequence[str], known: Collection[str], collection: str) -> None:
    missing = [name for name in wanted if name not in known]
    if missing:
        raise NotFound(f"Collection '{collection}' holds no document '{missing[0]}'.")
