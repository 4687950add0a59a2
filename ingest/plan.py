"""What an ingestion has to do: what is found, held against what is remembered. Changes nothing.

Reads and hashes every file, and parses none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from domain.documents import DocumentRecord
from domain.errors import InvalidInput
from domain.ids import document_id, fingerprint
from domain.ingestion import UPLOAD, Outcome
from ingest.chunk import ChunkConfig
from ingest.corpus import is_corpus
from ingest.parse import reader_version
from ingest.read import read
from ingest.source import Source, Unreadable
from ingest.walk import Found, Root, Walked, lies_under


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose documents they become, and by which settings: all that a version depends on."""

    tenant: str
    collection: str
    config: ChunkConfig
    space: str  # the id of the vector space: other vectors make another version

    def document(self, name: str) -> str:
        return document_id(self.tenant, self.collection, name)

    def version(self, source: Source) -> str:
        reader = reader_version(source.kind)
        return fingerprint(source.content_hash, reader, self.config.version, self.space)


@dataclass(frozen=True, slots=True)
class Work:
    """A file, and those of its documents that are to be read."""

    found: Found
    names: frozenset[str]
    size: int  # bytes of these documents


@dataclass(slots=True)
class Plan:
    work: list[Work] = field(default_factory=list)
    settled: list[Outcome] = field(default_factory=list)  # unchanged, or not to be read
    moved: list[DocumentRecord] = field(default_factory=list)  # unchanged, but found elsewhere
    gone: list[DocumentRecord] = field(default_factory=list)
    size: int = 0  # bytes of all that was read

    @property
    def documents(self) -> int:
        return sum(len(work.names) for work in self.work)

    @property
    def new_size(self) -> int:
        return sum(work.size for work in self.work)


def plan(
    walked: Walked,
    whose: Whose,
    known: Mapping[str, DocumentRecord],
    seen: Mapping[str, DocumentRecord],
    *,
    prune: bool,
    adopt: bool,
) -> Plan:
    """`known` is what need not be done again, `seen` what the collection shows until then."""
    planner = _Planner(whose, known, seen, adopt=adopt)
    for found in walked.found:
        planner.take(found)
    if prune:
        planner.prune(walked.roots)
    return planner.plan


class _Planner:
    def __init__(
        self,
        whose: Whose,
        known: Mapping[str, DocumentRecord],
        seen: Mapping[str, DocumentRecord],
        *,
        adopt: bool,
    ) -> None:
        self.plan = Plan()
        self._whose = whose
        self._known = known
        self._seen = seen
        self._adopt = adopt
        self._owners: dict[str, Path] = {}
        self._unseen: list[Found] = []  # folders and corpora that could not be read to their end

    def take(self, found: Found) -> None:
        names: set[str] = set()
        size = 0
        for source in read(found):
            if isinstance(source, Unreadable):
                self._refuse(source.name, source.reason)
                if found.problem or is_corpus(found.path):
                    self._unseen.append(found)
                continue
            self._claim(source.name, found.path)
            self.plan.size += len(source.data)
            if self._is_to_be_read(source, found):
                names.add(source.name)
                size += len(source.data)
        if names:
            self.plan.work.append(Work(found, frozenset(names), size))

    def prune(self, roots: Iterable[Root]) -> None:
        here = {self._whose.document(name) for name in self._owners}
        here |= {self._whose.document(outcome.source) for outcome in self.plan.settled}
        for root in roots:
            covered = [record for record in self._seen.values() if root.covers(record)]
            gone = [r for r in covered if r.id not in here and not self._may_be_there(r)]
            if gone and len(gone) == len(covered) and not root.is_file:
                raise InvalidInput(
                    f"Nothing of {root.name} was found, and pruning would remove all {len(gone)} "
                    "documents that came from it. Is it mounted? If they shall go, use "
                    "`forebay delete`.",
                    field="paths",
                )
            self.plan.gone += gone

    def _is_to_be_read(self, source: Source, found: Found) -> bool:
        identity = self._whose.document(source.name)
        if self._belongs_elsewhere(self._seen.get(identity), found.root):
            self._refuse(
                source.name,
                f"A document of this name came from {self._seen[identity].root} and is still "
                "there. Use another collection, ingest a folder that holds both, or take the "
                "name over with --adopt (over HTTP: adopt).",
            )
            return False
        before = self._known.get(identity)
        if before is None or before.version != self._whose.version(source):
            return True
        self.plan.settled.append(Outcome(source.name, "unchanged", size=len(source.data)))
        if before.root != found.root:
            self.plan.moved.append(replace(before, root=found.root))
        return False

    def _belongs_elsewhere(self, before: DocumentRecord | None, root: str) -> bool:
        if self._adopt or before is None or before.root in {"", root}:
            return False
        place = Path(before.root)
        return before.root == UPLOAD or (
            place.is_file() if is_corpus(place) else (place / before.source).is_file()
        )

    def _may_be_there(self, record: DocumentRecord) -> bool:
        """It lies where nobody could look."""
        return any(
            record.root == unseen.root
            and (is_corpus(unseen.path) or lies_under(record.source, unseen.name))
            for unseen in self._unseen
        )

    def _refuse(self, name: str, reason: str) -> None:
        self.plan.settled.append(Outcome(name, "failed", reason))

    def _claim(self, name: str, path: Path) -> None:
        if name in self._owners:
            raise InvalidInput(
                f"'{name}' would stand for two documents, one of {self._owners[name]} and one of "
                f"{path}. Ingest the folder that holds both, or them into different collections.",
                field="paths",
            )
        self._owners[name] = path
