"""Where on a page of a PDF its links lie, and where they lead."""

from collections.abc import Iterator
from ctypes import byref, c_int, create_string_buffer
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from ingest.decode import clean

Box = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True, slots=True)
class Area:
    """What is to be clicked on, and where it leads."""

    box: Box
    target: str

    def crosses(self, line: Box) -> bool:
        return self.box[1] < line[3] and self.box[3] > line[1]

    def holds(self, letter: Box) -> bool:
        """Its middle."""
        left, bottom, right, top = self.box
        x, y = (letter[0] + letter[2]) / 2, (letter[1] + letter[3]) / 2
        return left <= x <= right and bottom <= y <= top


def areas(pdf: pdfium.PdfDocument, page: pdfium.PdfPage) -> list[Area]:
    """Of the links that lead out of the file."""
    return [area for link in _links(page) if (area := _area(pdf, link))]


def _links(page: pdfium.PdfPage) -> Iterator[pdfium_raw.FPDF_LINK]:
    place, link = c_int(0), pdfium_raw.FPDF_LINK()
    while pdfium_raw.FPDFLink_Enumerate(page.raw, byref(place), byref(link)):
        yield link


def _area(pdf: pdfium.PdfDocument, link: pdfium_raw.FPDF_LINK) -> Area | None:
    action = pdfium_raw.FPDFLink_GetAction(link)
    if pdfium_raw.FPDFAction_GetType(action) != pdfium_raw.PDFACTION_URI:
        return None
    size = pdfium_raw.FPDFAction_GetURIPath(pdf.raw, action, None, 0)
    buffer, box = create_string_buffer(size), pdfium_raw.FS_RECTF()
    pdfium_raw.FPDFAction_GetURIPath(pdf.raw, action, buffer, size)
    target = clean(buffer.value.decode("utf-8", "replace")).strip()
    if not target or not pdfium_raw.FPDFLink_GetAnnotRect(link, byref(box)):
        return None
    low, high = sorted((box.bottom, box.top))
    return Area((min(box.left, box.right), low, max(box.left, box.right), high), target)
