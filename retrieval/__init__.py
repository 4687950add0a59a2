"""From a question to ranked passages: the chunk store, BM25, fusion, search.

Knows nothing of files, prompts or HTTP. The only importer of `qdrant_client` and `qdrant_edge`.
"""
