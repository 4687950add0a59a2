"""What Forebay remembers beside the chunks: documents, collections, keys, sessions, the ledger.

Knows SQL, and nothing of files, models or HTTP. Everybody else sees the ports alone.
"""
