"""The ingestion as Haystack shows it: a Pipeline of splitter, embedder and writer into memory."""

from dataclasses import replace

from haystack import Document, Pipeline, component  # type: ignore[import-not-found]
from haystack.components.preprocessors import DocumentSplitter  # type: ignore[import-not-found]
from haystack.components.writers import DocumentWriter  # type: ignore[import-not-found]
from haystack.document_stores.in_memory import (  # type: ignore[import-not-found]
    InMemoryDocumentStore,
)

from bench.peers.job import Job, carry_out
from bench.peers.model import Model

_BATCH = 32  # what Haystack's own embedders take at once


@component
class _Embedder:
    def __init__(self, model: Model, batch: int) -> None:
        self._model = model
        self._batch = batch

    @component.output_types(documents=list[Document])  # type: ignore[untyped-decorator]
    def run(self, documents: list[Document]) -> dict[str, list[Document]]:
        texts = [f"{document.meta['title']}\n{document.content}" for document in documents]
        vectors = [
            vector
            for first in range(0, len(texts), self._batch)
            for vector in self._model.embed(texts[first : first + self._batch])
        ]
        pairs = zip(documents, vectors, strict=True)
        return {"documents": [replace(one, embedding=vector) for one, vector in pairs]}


def ingest(job: Job) -> int:
    store = InMemoryDocumentStore()
    pipeline = Pipeline()
    splitter = DocumentSplitter(split_by="token", split_length=job.chunk_tokens)
    pipeline.add_component("splitter", splitter)
    pipeline.add_component("embedder", _Embedder(job.open_model(), job.batch(_BATCH)))
    pipeline.add_component("writer", DocumentWriter(store))
    pipeline.connect("splitter", "embedder")
    pipeline.connect("embedder", "writer")
    documents = [
        Document(id=row["_id"], content=row["text"], meta={"title": row["title"]})
        for row in job.rows()
    ]
    pipeline.run({"splitter": {"documents": documents}})
    return int(store.count_documents())


if __name__ == "__main__":
    carry_out(ingest, _BATCH)
