"""One thing to ingest, as it was read: a name, its bytes, and what kind of thing it is."""

from dataclasses import dataclass
from functools import cached_property

from domain.ids import content_hash
from ingest.kinds import kind_of

RECORD = "record"  # a line of a corpus, not a file


@dataclass(frozen=True)
class Source:
    name: str  # a POSIX path relative to the ingested root, or the id of a record
    data: bytes
    is_record: bool = False

    @cached_property
    def content_hash(self) -> str:
        return content_hash(self.data)

    @cached_property
    def kind(self) -> str:
        return RECORD if self.is_record else kind_of(self.name, self.data)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What should have been a source, and why it is none."""

    name: str
    reason: str
