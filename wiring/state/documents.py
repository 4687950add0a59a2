"""Which version of which document is current, and which came before it."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Delete, Select, Table, delete, func, insert, literal, select
from sqlalchemy import Row as Result
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.documents import DocumentRecord
from domain.records import DocumentPage
from wiring.state.connection import Database
from wiring.state.tables import document_versions as versions
from wiring.state.tables import documents
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert

Q = TypeVar("Q", Select[*tuple[object, ...]], Delete)

_ROWS = 500  # a statement


def encode(record: DocumentRecord) -> Row:
    """A row of `documents`."""
    return {
        "tenant": record.tenant,
        "collection": record.collection,
        "id": record.id,
        "source": record.source,
        "version": record.version,
        "root": record.root,
    }


def encode_version(record: DocumentRecord) -> Row:
    """A row of `document_versions`."""
    return {
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
        root=row.root,
    )


def decode_pending(row: Result[*tuple[object, ...]]) -> DocumentRecord:
    """From a row of `documents` alone: which version of it the store holds is not known."""
    return DocumentRecord(
        id=row.id,
        tenant=row.tenant,
        collection=row.collection,
        source=row.source,
        title="",
        version="",
        content_hash="",
        media_type="",
        size=0,
        chunks=0,
        ingested_at="",
        root=row.root,
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
        order = (documents.c.collection, documents.c.source)
        pending = _of(select(documents), tenant, collection).where(documents.c.version == "")
        async with self._database.transaction() as connection:
            current = await connection.execute(_current(tenant, collection).order_by(*order))
            found = [decode(row) for row in current]
            return found + [decode_pending(row) for row in await connection.execute(pending)]

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

    async def mark(self, tenant: str, collection: str) -> str:
        """Another one after every change of what the collection holds of this tenant."""
        current = _current(tenant, collection).subquery()
        query = select(func.count(), func.max(current.c.ingested_at)).select_from(current)
        async with self._database.transaction() as connection:
            number, latest = (await connection.execute(query)).one()
        return f"{number} {latest}"

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

    async def announce(self, records: Sequence[DocumentRecord]) -> None:
        rows = [{**encode(record), "version": ""} for record in records]
        async with self._database.transaction() as connection:
            await _put(connection, documents, rows)

    async def save(self, records: Sequence[DocumentRecord]) -> None:
        async with self._database.transaction() as connection:
            # A document's row comes first: whoever saves the same document waits here.
            await _put(connection, documents, [encode(record) for record in records])
            await _put(connection, versions, [encode_version(record) for record in records])

    async def forget(self, tenant: str, collection: str, ids: Sequence[str]) -> None:
        async with self._database.transaction() as connection:
            for start in range(0, len(ids), _ROWS):
                gone = documents.c.id.in_(ids[start : start + _ROWS])
                await connection.execute(_of(delete(documents), tenant, collection).where(gone))

    async def swap(self, collection: str, other: str) -> None:
        async with self._database.transaction() as connection:
            old = delete(documents).where(documents.c.collection == collection)
            await connection.execute(old)
            for table in (documents, versions):
                columns = [
                    literal(collection) if column.name == "collection" else column
                    for column in table.columns
                ]
                moved = select(*columns).where(table.c.collection == other)
                names = [column.name for column in table.columns]
                await connection.execute(insert(table).from_select(names, moved))
            away = delete(documents).where(documents.c.collection == other)
            await connection.execute(away)


async def _put(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    if rows:  # of no rows, a statement would be executed once, without values
        await connection.execute(upsert(connection, table), rows)


def _versions(tenant: str, collection: str | None) -> Select[*tuple[object, ...]]:
    both = select(versions, documents.c.source, documents.c.root).join(documents)
    return _of(both, tenant, collection)


def _current(tenant: str, collection: str | None) -> Select[*tuple[object, ...]]:
    return _versions(tenant, collection).where(versions.c.version == documents.c.version)


def _of(query: Q, tenant: str, collection: str | None) -> Q:
    query = query.where(documents.c.tenant == tenant)
    return query if collection is None else query.where(documents.c.collection == collection)
