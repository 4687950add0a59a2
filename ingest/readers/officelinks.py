"""Links of slides and sheets, which `unstructured` leaves out: which words lead where."""

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from ingest.decode import clean
from ingest.draft import linked, one_line
from ingest.readers.archive import Archive, local, related, value

Links = Mapping[str, Sequence[tuple[str, str]]]  # paragraph → words of it and where they lead


def links_of_slides(archive: Archive) -> list[Links]:
    """Slide by slide."""
    return [
        dict(_of_paragraphs(archive.xml(slide), targets)) if targets else {}
        for _, slide in _listed(archive, "slide", "sldId")
        for targets in [dict(related(archive, slide, "hyperlink"))]
    ]


def links_of_sheets(archive: Archive) -> dict[str, Links]:
    """By the sheet's name. A cell is linked as a whole."""
    linking = [
        (value(listed, "name"), sheet, targets)
        for listed, sheet in _listed(archive, "worksheet", "sheet")
        if (targets := dict(related(archive, sheet, "hyperlink")))
    ]
    texts = _shared_texts(archive) if linking else []
    return {
        name: dict(_of_cells(archive.xml(sheet), targets, texts))
        for name, sheet, targets in linking
    }


def with_links(text: str, links: Links) -> str:
    made, at = "", 0
    for words, target in links.get(one_line(text), ()):
        start = text.find(words, at)
        if start >= 0:
            made, at = made + text[at:start] + linked(words, target), start + len(words)
    return made + text[at:]


def _of_paragraphs(
    slide: etree._Element, targets: Mapping[str, str]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for paragraph in slide.iter("{*}p"):
        found = [
            (words, targets[key])
            for run in paragraph.iter("{*}r")
            if (key := _relation(run.find("{*}rPr/{*}hlinkClick"))) in targets
            and (words := _text(run).strip())
        ]
        if found:
            yield one_line(_text(paragraph)), found


def _of_cells(
    sheet: etree._Element, targets: Mapping[str, str], texts: Sequence[str]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    leads = {
        value(link, "ref").partition(":")[0]: targets[key]
        for link in sheet.iter("{*}hyperlink")
        if (key := _relation(link)) in targets
    }
    for cell in sheet.iter("{*}c") if leads else ():
        if target := leads.get(value(cell, "r")):
            said = "".join(part.text or "" for part in cell.iter("{*}v", "{*}t"))
            shared = value(cell, "t") == "s" and said.isdecimal() and int(said) < len(texts)
            text = clean(texts[int(said)] if shared else said).strip()
            if text:
                yield one_line(text), [(text, target)]


def _shared_texts(archive: Archive) -> list[str]:
    return [
        "".join(text.text or "" for text in item.iter("{*}t"))
        for _, part in related(archive, _main(archive), "sharedStrings")
        if part in archive.names
        for item in archive.xml(part).iter("{*}si")
    ]


def _text(element: etree._Element) -> str:
    """A line break parts words, as a blank does."""
    parts = element.iter("{*}t", "{*}br")
    return clean("".join(" " if local(part) == "br" else part.text or "" for part in parts))


def _listed(archive: Archive, kind: str, tag: str) -> Iterator[tuple[etree._Element, str]]:
    """The slides or sheets, as the main part lists them, and their parts."""
    main = _main(archive)
    parts = dict(related(archive, main, kind))
    for one in archive.xml(main).iter("{*}" + tag):
        if (part := parts.get(_relation(one))) in archive.names:
            yield one, part


def _main(archive: Archive) -> str:
    return next((target for _, target in related(archive, "", "officeDocument")), "")


def _relation(element: etree._Element | None) -> str:
    """An id of the part itself has the same name without a namespace."""
    names = () if element is None else element.attrib.items()
    return next((str(found) for name, found in names if str(name).endswith("}id")), "")
