"""Which version of which document is current, and which came before it."""

from collections.abc import Sequence

from sqlalchemy import Row as Result
from sqlalchemy import Select, delete, func, select

from domain.documents import DocumentRecord
from domain.records import DocumentPage
from wiring.state.connection import Database
from wiring.state.tables import document_versions as versions
from wiring.state.tables import documents
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert


def encode(record: DocumentRecord) -> tuple[Row, Row]:
    """A row of `documents`, and one of `document_versions`."""
    document: Row = {
        "tenant": record.tenant,
        "collection": record.collection,
        "id": record.id,
        "source": record.source,
        "version": record.version,
    }
    version: Row = {
        "tenant": record.tenant,
        "collection": record.collection,
        "document_id": record.id,
        "version": record.version,
        "title": record.title,
        "content_hash": record.content_hash,
        "media_type": record.media_type,
        "size": record.size,
        "chunks": record.chunks,
        "ingested_at": from_iso(record.ingested_at),
    }
    return document, version


def decode(row: Result[*tuple[object, ...]]) -> DocumentRecord:
    """From a row of `document_versions` that has its document's source beside it."""
    return DocumentRecord(
        id=row.document_id,
        tenant=row.tenant,
        collection=row.collection,
        source=row.source,
        title=row.title,
        version=row.version,
        content_hash=row.content_hash,
        media_type=row.media_type,
        size=row.size,
        chunks=row.chunks,
        ingested_at=to_iso(row.ingested_at),
    )


class Documents:
    """A DocumentRegistry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant: str, collection: str, document_id: str) -> DocumentRecord | None:
        query = _current(tenant, collection).where(documents.c.id == document_id)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        return decode(row) if row else None

    async def all(self, tenant: str, collection: str | None = None) -> Sequence[DocumentRecord]:
        query = _current(tenant, collection).order_by(documents.c.collection, documents.c.source)
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def page(
        self, tenant: str, collection: str | None, *, offset: int, limit: int
    ) -> DocumentPage:
        current = _current(tenant, collection)
        ordered = current.order_by(documents.c.collection, documents.c.source)
        counted = select(func.count()).select_from(current.subquery())
        async with self._database.transaction() as connection:
            found = await connection.execute(ordered.offset(offset).limit(limit))
            records = tuple(decode(row) for row in found)
            return DocumentPage(records, await connection.scalar(counted) or 0)

    async def tenants(self, collection: str) -> Sequence[str]:
        query = select(documents.c.tenant).where(documents.c.collection == collection).distinct()
        async with self._database.transaction() as connection:
            return [row.tenant for row in await connection.execute(query)]

    async def history(
        self, tenant: str, collection: str, document_id: str
    ) -> Sequence[DocumentRecord]:
        """All its versions, the latest first."""
        query = (
            _versions(tenant, collection)
            .where(documents.c.id == document_id)
            .order_by(versions.c.ingested_at.desc())
        )
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def save(self, record: DocumentRecord) -> None:
        document, version = encode(record)
        async with self._database.transaction() as connection:
            # The document's row comes first: whoever saves the same document waits here.
            await connection.execute(upsert(connection, documents, document))
            await connection.execute(upsert(connection, versions, version))

    async def forget(self, tenant: str, collection: str, document_id: str) -> None:
        gone = delete(documents).where(
            documents.c.tenant == tenant,
            documents.c.collection == collection,
            documents.c.id == document_id,
        )
        async with self._database.transaction() as connection:
            await connection.execute(gone)


def _versions(tenant: str, collection: str | None) -> Select[*tuple[object, ...]]:
    query = select(versions, documents.c.source).join(documents)
    query = query.where(documents.c.tenant == tenant)
    return query if collection is None else query.where(documents.c.collection == collection)


def _current(tenant: str, collection: str | None) -> Select[*tuple[object, ...]]:
    return _versions(tenant, collection).where(versions.c.version == documents.c.version)
