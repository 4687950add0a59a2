"""Makes a collection on a Qdrant server. By its real name: aliases are not its business."""

from qdrant_client import AsyncQdrantClient, models

from retrieval.collection import Collection
from retrieval.points import INDEXED_FIELDS


async def create(client: AsyncQdrantClient, real: str, made: Collection) -> None:
    """Without indexes; what it was made with becomes its metadata."""
    cosine = models.VectorParams(size=made.space.dimensions, distance=models.Distance.COSINE)
    sparse = {"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)}
    if made.space.sparse:
        sparse["sparse"] = models.SparseVectorParams()
    await client.create_collection(
        real,
        vectors_config={"dense": cosine},
        sparse_vectors_config=sparse,
        metadata=dict(made.to_json()),
    )


async def index(client: AsyncQdrantClient, real: str) -> None:
    """The fields that every collection has. One that is indexed already stays so."""
    keyword = models.KeywordIndexType.KEYWORD
    for name in ("tenant", *INDEXED_FIELDS):
        schema = models.KeywordIndexParams(type=keyword, is_tenant=name == "tenant")
        await client.create_payload_index(real, field_name=name, field_schema=schema)
