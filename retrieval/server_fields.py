"""Indexes of fields on a Qdrant server, which makes them meanwhile: nobody waits."""

from collections.abc import Mapping

from qdrant_client import AsyncQdrantClient, models

from domain.documents import Chunk
from domain.filters import Exists
from retrieval.fields import Kind
from retrieval.filter_server import server_filter
from retrieval.points import field_path
from retrieval.server_points import chunk_of


async def make_indexes(client: AsyncQdrantClient, name: str, wanted: Mapping[str, Kind]) -> None:
    for field, kind in wanted.items():
        schema = models.PayloadSchemaType(kind)
        await client.create_payload_index(name, field_path(field), schema, wait=False)


async def holder(client: AsyncQdrantClient, name: str, tenant: str, field: str) -> Chunk | None:
    """Some chunk that has the field."""
    having = server_filter(tenant, (Exists(field),))
    found, _ = await client.scroll(name, scroll_filter=having, limit=1, with_payload=True)
    return chunk_of(found[0]) if found else None
