"""Writes PDFs, the smallest that are still right: Helvetica at given places, and an outline."""

from collections.abc import Sequence
from dataclasses import dataclass

_SIZE = 12
_LAYOUT = "/Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"


@dataclass(frozen=True, slots=True)
class At:
    """A line of text at a height above the page's lower edge."""

    y: int
    text: str
    size: int = _SIZE
    x: int = 72


@dataclass(frozen=True, slots=True)
class To:
    """A link on a page: its left, lower, right and upper edge."""

    box: tuple[int, int, int, int]
    target: str


def pdf(
    pages: Sequence[Sequence[At]],
    outline: Sequence[tuple[str, int]] = (),
    links: Sequence[To] = (),
) -> bytes:
    """The outline is flat: titles, and the numbers of their pages from 0. The links are on all."""
    annotations = f"/Annots [{''.join(map(_annotation, links))}]"
    first_page, first_mark = 4, 4 + 2 * len(pages)
    kids = " ".join(f"{first_page + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R"
        + (f" /Outlines {first_mark} 0 R >>" if outline else " >>"),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, page in enumerate(pages):
        text = "\n".join(
            f"BT /F {one.size} Tf {one.x} {one.y} Td ({one.text}) Tj ET" for one in page
        )
        objects += [
            f"<< /Type /Page {_LAYOUT} /Contents {first_page + 2 * i + 1} 0 R {annotations} >>",
            f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        ]
    if outline:
        objects += _outline(outline, first_mark, first_page)
    return _file(objects)


def _annotation(link: To) -> str:
    edges = " ".join(map(str, link.box))
    action = f"<< /S /URI /URI ({link.target}) >>"
    return f"<< /Type /Annot /Subtype /Link /Rect [{edges}] /A {action} >>"


def _outline(outline: Sequence[tuple[str, int]], root: int, first_page: int) -> list[str]:
    last = root + len(outline)
    marks = [f"<< /Type /Outlines /First {root + 1} 0 R /Last {last} 0 R /Count {len(outline)} >>"]
    for i, (title, page) in enumerate(outline, root + 1):
        following = f" /Next {i + 1} 0 R" if i < last else ""
        marks.append(
            f"<< /Title ({title}) /Parent {root} 0 R "
            f"/Dest [{first_page + 2 * page} 0 R /Fit]{following} >>"
        )
    return marks


def _file(objects: Sequence[str]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return body + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    ).encode("latin-1")
