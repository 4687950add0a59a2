"""Hybrid retrieval as LlamaIndex shows it: a vector index and BM25, fused by rank."""

from llama_index.core import VectorStoreIndex
from llama_index.core.base.embeddings.base import (
    BaseEmbedding,
)
from llama_index.core.llms.mock import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.retrievers.bm25 import BM25Retriever
from pydantic import PrivateAttr

from bench.peers.search_job import Search, SearchJob, carry_out


class _Known(BaseEmbedding):  # type: ignore[misc]  # its package is not in Forebay's environment
    _vectors: dict[str, list[float]] = PrivateAttr()

    def __init__(self, vectors: dict[str, list[float]]) -> None:
        super().__init__(model_name="known")
        self._vectors = vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._vectors[text]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._vectors[query]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._vectors[query]


def build(job: SearchJob) -> Search:
    rows = zip(job.chunks(), job.vectors().tolist(), strict=True)
    nodes = [TextNode(id_=row["id"], text=row["text"], embedding=one) for row, one in rows]
    index = VectorStoreIndex(nodes, embed_model=_Known(job.by_text()))
    retriever = QueryFusionRetriever(
        [
            index.as_retriever(similarity_top_k=job.depth),
            BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=job.depth),
        ],
        llm=MockLLM(),  # never asked: there is one query
        similarity_top_k=job.limit,
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
    )

    def search(question: str) -> list[str]:
        return [hit.node.node_id for hit in retriever.retrieve(question)]

    return search


if __name__ == "__main__":
    carry_out(build)
