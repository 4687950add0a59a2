"""Documents that are zip archives of XML: what a part holds, and never more than is sane.

What the archive says of its sizes is only a first guess; what comes out is counted. The XML of a
part cannot reach files or nets, nor grow. Knows nothing of what the parts mean.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import unquote

from lxml import etree

from domain.errors import ParseFailed

MOST_UNPACKED = 200 * 2**20
MOST_RATIO = 200
_LITTLE = 2**20  # bytes unpacked: no harm, however well they were packed
_PIECE = 2**16
_ENCRYPTED = 0x1
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # all that these formats allow
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_ENTITY_GUARDS = re.compile(r"entity loop|amplification|entity reference loop|entities")


@dataclass(slots=True)
class Archive:
    """Its parts by name; all that is read of it counts."""

    _zip: zipfile.ZipFile
    _most: int
    names: frozenset[str] = frozenset()
    _sizes: dict[str, int] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        try:
            with self._zip.open(name) as part:
                return self._counted(part, name)
        except KeyError as error:
            raise ParseFailed(f"It lacks its part {name}.", kind="corrupt") from error
        except _BROKEN as error:
            raise ParseFailed(f"Its part {name} is damaged: {error}.", kind="corrupt") from error

    def xml(self, name: str) -> etree._Element:
        return xml_root(self.read(name), name)

    def unpacked(self) -> io.BytesIO:
        """The archive with its parts as they were read, for libraries that count nothing."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as copy:
            for name in dict.fromkeys(self._zip.namelist()):
                data = self.read(name)
                if name.endswith((".xml", ".rels")) and b"<!ENTITY" in data:
                    raise _entities(name)
                copy.writestr(zipfile.ZipInfo(name), data)
        file.seek(0)
        return file

    def _counted(self, part: IO[bytes], name: str) -> bytes:
        others = sum(size for other, size in self._sizes.items() if other != name)
        pieces, size = [], 0
        while piece := part.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if others + size > self._most:
                raise _bomb(self._most)
        self._sizes[name] = size
        return b"".join(pieces)


def open_archive(data: bytes) -> Archive:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise ParseFailed(f"It is damaged, or no archive: {error}.", kind="corrupt") from error
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise ParseFailed("It is encrypted. Save it without a password.", kind="encrypted")
    if any(part.compress_type not in _PACKINGS for part in parts):
        raise ParseFailed("It is packed in a way that its format forbids.", kind="unsupported")
    most = min(MOST_UNPACKED, max(MOST_RATIO * len(data), _LITTLE))
    if sum(part.file_size for part in parts) > most:
        raise _bomb(most)
    return Archive(archive, most, frozenset(archive.namelist()))


def xml_root(data: bytes, name: str = "the document") -> etree._Element:
    """Entities of its own make no sense in a part of an archive, and are how XML attacks."""
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        said = str(error)
        raise ParseFailed(f"{name} is not well-formed XML: {said}.", kind=_kind(said)) from error
    refuse_entities(root, name)
    return root


def refuse_entities(root: etree._Element, name: str) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(dtd.iterentities(), None) is not None:
        raise _entities(name)


def related(archive: Archive, name: str, kind: str) -> Iterator[tuple[str, str]]:
    """Id and target of what a part of an Office file refers to; without a name: of the whole."""
    folder, _, base = name.rpartition("/")
    relations = f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"
    if relations not in archive.names:
        return
    for relation in archive.xml(relations):
        if value(relation, "Type").rpartition("/")[2] == kind:
            target, outside = value(relation, "Target"), value(relation, "TargetMode") == "External"
            yield value(relation, "Id"), target if outside else part_beside(name, target)


def part_beside(base: str, target: str) -> str:
    """The name of the part that a part names by a relative address."""
    path = unquote(target.partition("#")[0])
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
    return joined.lstrip("/")


def local(element: etree._Element) -> str:
    """Its name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def value(element: etree._Element, name: str, default: str = "") -> str:
    """The attribute of this name, in whatever namespace."""
    found = (v for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name)
    return str(next(found, default))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _kind(said: str) -> str:
    if _ENTITY_GUARDS.search(said.lower()):
        return "unsafe_xml"
    return "too_deep" if "depth" in said.lower() else "corrupt"


def _entities(name: str) -> ParseFailed:
    return ParseFailed(f"{name} declares entities, which is not safe.", kind="unsafe_xml")


def _bomb(most: int) -> ParseFailed:
    return ParseFailed(
        f"It unpacks to more than {most / 2**20:.0f} MB, which is more than is read of "
        "a file of its size. Split it, or take out what is no text.",
        kind="bomb",
    )
