"""Hybrid retrieval as Haystack shows it: two retrievers over one store, joined by rank."""

from haystack import Document, Pipeline  # type: ignore[import-not-found]
from haystack.components.joiners import DocumentJoiner  # type: ignore[import-not-found]
from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found]
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import (  # type: ignore[import-not-found]
    InMemoryDocumentStore,
)

from bench.peers.search_job import Search, SearchJob, carry_out


def build(job: SearchJob) -> Search:
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    rows = zip(job.chunks(), job.vectors().tolist(), strict=True)
    store.write_documents(
        [Document(id=row["id"], content=row["text"], embedding=one) for row, one in rows]
    )
    pipeline = Pipeline()
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=job.depth))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=job.depth))
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=job.limit)
    pipeline.add_component("joiner", joiner)
    pipeline.connect("words", "joiner")
    pipeline.connect("vectors", "joiner")
    known = job.by_text()

    def search(question: str) -> list[str]:
        asked = {"words": {"query": question}, "vectors": {"query_embedding": known[question]}}
        return [document.id for document in pipeline.run(asked)["joiner"]["documents"]]

    return search


if __name__ == "__main__":
    carry_out(build)
