"""OpenAI's side of the wire, for tests: a server on loopback that the real SDK talks to.

Speaks Responses, Chat Completions and Embeddings, whole and streamed; counts tokens exactly;
keeps what it was sent. It says what a test scripts, or a sentence that cites passage 1.
"""
