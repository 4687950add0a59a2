"""Identity: a document is (tenant, collection, source); a chunk is (document, version, position).

Ids are derived, never drawn, so ingesting the same thing twice gives the same ids.
"""

import hashlib
import uuid

_NAMESPACE = uuid.UUID("6f9f6f0e-5f0b-5c55-9a55-5a1f3d1c8b6a")


def content_hash(data: bytes) -> str:
    """SHA-256 of what was read, as hex."""
    return hashlib.sha256(data).hexdigest()


def document_id(tenant: str, collection: str, source: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"document\x00{tenant}\x00{collection}\x00{source}"))


def chunk_id(document: str, version: str, position: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"chunk\x00{document}\x00{version}\x00{position}"))


def fingerprint(*parts: str) -> str:
    """A short, stable name for a combination of settings or texts (order matters)."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()[:16]
