"""Hybrid retrieval as txtai shows it: an Embeddings index with `hybrid` and `content`.

It is installed without its extras, so without the model library that would bring CUDA.
"""

import numpy as np
from txtai.embeddings import Embeddings  # type: ignore[import-not-found]

from bench.peers.search_job import Search, SearchJob, Vectors, carry_out


def build(job: SearchJob) -> Search:
    known = job.by_text()

    def vectors(texts: list[str]) -> Vectors:
        return np.array([known[text] for text in texts], dtype=np.float32)

    index = Embeddings(method="external", transform=vectors, hybrid=True, content=True)
    index.index((row["id"], row["text"]) for row in job.chunks())

    def search(question: str) -> list[str]:
        return [hit["id"] for hit in index.search(question, job.limit)]

    return search


if __name__ == "__main__":
    carry_out(build)
