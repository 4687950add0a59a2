"""Question and passage read together, which no index can: hosted models, an LLM, a cross-encoder.

Each implements domain.ports.Reranker for some passages at once. Knows nothing of retrieval: how
many passages there are, and how long one may wait for them, is settled there.
"""
