"""The ingestion as LlamaIndex shows it: an IngestionPipeline into the vector store in memory."""

import tiktoken
from llama_index.core import Document
from llama_index.core.base.embeddings.base import (
    DEFAULT_EMBED_BATCH_SIZE,
    BaseEmbedding,
)
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.vector_stores import SimpleVectorStore
from pydantic import PrivateAttr

from bench.peers.job import Job, carry_out
from bench.peers.model import Model


class _Embedding(BaseEmbedding):  # type: ignore[misc]  # its package is not in Forebay's environment
    _model: Model = PrivateAttr()

    def __init__(self, model: Model, batch: int) -> None:
        super().__init__(model_name="bge-small-en-v1.5", embed_batch_size=batch)
        self._model = model

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._model.embed(texts)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._model.embed([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def ingest(job: Job) -> int:
    tokenizer = tiktoken.get_encoding("o200k_base").encode
    pipeline = IngestionPipeline(
        transformations=[
            SentenceSplitter(chunk_size=job.chunk_tokens, chunk_overlap=0, tokenizer=tokenizer),
            _Embedding(job.open_model(), job.batch(DEFAULT_EMBED_BATCH_SIZE)),
        ],
        vector_store=SimpleVectorStore(),
    )
    documents = [
        Document(text=row["text"], id_=row["_id"], metadata={"title": row["title"]})
        for row in job.rows()
    ]
    return len(pipeline.run(documents=documents))


if __name__ == "__main__":
    carry_out(ingest, DEFAULT_EMBED_BATCH_SIZE)
