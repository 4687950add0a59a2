"""An e-book: its chapters in the order in which they are read, each through the reader of pages.

The table of contents and the cover are left out: the text has all of it anyway. Nothing in a book
is a page's furniture, so class names are not asked.
"""

import re
from collections.abc import Iterator
from html.entities import name2codepoint

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from domain.errors import ParseFailed
from ingest.decode import clean, decode
from ingest.draft import Draft, one_line
from ingest.readers.archive import (
    Archive,
    local,
    open_archive,
    part_beside,
    refuse_entities,
    value,
)
from ingest.readers.tree import write_tree
from ingest.readers.web import tree_of

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# Fonts are scrambled with these, and nothing else is.
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#rc")
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})
_LISTINGS = frozenset({"cover", "toc"})
_DROPPED = ("script", "style", "template", "svg", "iframe", "object", "audio", "video")
_CONTENTS = frozenset({"toc", "landmarks", "page-list", "pagebreak"})
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = frozenset({"lt", "gt", "amp", "quot", "apos"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def read_epub(data: bytes) -> Draft:
    archive = open_archive(data)
    name = _package_name(archive)
    package = archive.xml(name)
    chapters = list(_chapters(package, name))
    _refuse_encrypted(archive, {name, *chapters})
    draft = Draft(title=_said(package, "title"))
    draft.language = _said(package, "language")
    for chapter in chapters:
        if chapter in archive.names:
            _write(_page(archive.read(chapter), chapter), draft)
    return draft


def _package_name(archive: Archive) -> str:
    for element in archive.xml(_CONTAINER).iter():
        if local(element) == "rootfile" and (path := value(element, "full-path")):
            return part_beside("", path)
    raise ParseFailed(f"{_CONTAINER} does not name the book's package.", kind="corrupt")


def _said(package: lxml.etree._Element, name: str) -> str:
    """Of the book, in its metadata."""
    said = (e.text for e in package.iter() if local(e) == name and e.text and e.text.strip())
    return one_line(clean(next(said, "")))


def _chapters(package: lxml.etree._Element, base: str) -> Iterator[str]:
    """In reading order, without the cover and the table of contents."""
    items = {value(e, "id"): e for e in package.iter() if local(e) == "item"}
    order = [items.get(value(e, "idref")) for e in package.iter() if local(e) == "itemref"]
    for item in order:
        if item is None or value(item, "media-type").lower() not in _PAGES:
            continue
        if "nav" not in value(item, "properties").split():
            yield part_beside(base, value(item, "href"))


def _refuse_encrypted(archive: Archive, wanted: set[str]) -> None:
    if _ENCRYPTION not in archive.names:
        return
    for entry in archive.xml(_ENCRYPTION):
        ways = [value(e, "Algorithm") for e in entry if local(e) == "EncryptionMethod"]
        if any(way.lower() in _FONTS for way in ways):
            continue
        parts = (value(e, "URI") for e in entry.iter() if local(e) == "CipherReference")
        if any(part_beside("", part) in wanted for part in parts):
            raise ParseFailed(
                "The book is encrypted (DRM). Only books without it are read.", kind="encrypted"
            )


def _page(data: bytes, name: str) -> HtmlElement:
    """As the XML that it should be; else as a browser would read it."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decode(data)).strip()
    parser = lxml.html.XHTMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        page = lxml.etree.fromstring(_ENTITY.sub(_letter, text).encode(), parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        page = tree_of(text)
    refuse_entities(page, name)
    for element in page.iter(lxml.etree.Element):
        element.tag = local(element).lower()
    return page


def _letter(match: re.Match[str]) -> str:
    code = None if match[1] in _XML_ENTITIES else name2codepoint.get(match[1])
    return match[0] if code is None else chr(code)


def _write(page: HtmlElement, draft: Draft) -> None:
    found = page.find("body")
    body: HtmlElement = page if found is None else found
    if _LISTINGS & set(_types(body)):
        return
    for element in list(body.iter(lxml.etree.Element)):
        if element is not body and (element.tag in _DROPPED or _CONTENTS & set(_types(element))):
            element.drop_tree()
        elif element.tag == "a" and not _SCHEME.match(element.get("href", "")):
            element.attrib.pop("href", None)  # leads into the book
    write_tree(body, draft)


def _types(element: HtmlElement) -> list[str]:
    """What the book says that this part of it is."""
    return f"{value(element, 'type')} {value(element, 'role').replace('doc-', '')}".lower().split()
