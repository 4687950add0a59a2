"""The words we send, as versioned text files, and how they become a prompt with a boundary.

Knows nothing of vendors: the gateway turns a Prompt into a request.
"""
