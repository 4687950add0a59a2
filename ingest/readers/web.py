"""HTML through `unstructured`, after the page has been freed of what is not its content.

Navigation, scripts and forms go; `<details>`, `<figure>` and tables that only lay out a page become
plain boxes, since `unstructured` would drop the first two and make one cell of the third.
"""

import re
from collections.abc import Iterator

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from domain.errors import ParseFailed
from ingest.decode import clean, decode
from ingest.draft import Draft
from ingest.readers.elements import NO_LANGUAGE, add_elements

_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEAD = 4096
_DROPPED = [
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "iframe",
    "object",
    "svg",
    "canvas",
    "dialog",
    "select",
    "link",
    "meta",
]
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog"})
_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|header|footer|igation)?|menu|breadcrumbs?|sidebar|headerlink|"
    r"sphinxsidebar|footer|related|noprint|cookie\w*|skip-link|visually-hidden|sr-only|"
    r"mw-editsection|catlinks)(?:$|[\s_-])"
)
_BOXES = frozenset({"details", "figure", "fieldset", "form", "label", "button"})
_LINES = frozenset({"summary", "figcaption", "legend"})
_MARKS = dict.fromkeys(("del", "ins", "font", "acronym", "center"), "span")
_LONG_CELL = 1500
_DEEPEST = 240  # unstructured gives back nothing at all at 255


def read_html(data: bytes) -> Draft:
    from unstructured.partition.html import partition_html

    declared = _DECLARED.search(data[:_HEAD])
    text = decode(data, declared[1].decode() if declared else None)
    page = _page(text)
    draft = Draft(title=clean(page.findtext(".//title") or ""))
    body = _content(page)
    _free(body)
    if _depth(body) > _DEEPEST:
        raise ParseFailed(f"Its elements are nested more than {_DEEPEST} deep.")
    html = lxml.html.tostring(body, encoding="unicode")
    elements = partition_html(text=f"<html><body>{html}</body></html>", languages=NO_LANGUAGE)
    add_elements(draft, elements)
    return draft


def _page(text: str) -> HtmlElement:
    try:
        # the text is decoded, so what it declares of its encoding is of no use any more
        return lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (lxml.etree.LxmlError, ValueError) as error:
        raise ParseFailed(f"It has no text ({error}).") from error


def _content(page: HtmlElement) -> HtmlElement:
    """What the page itself calls its content, where that is clear."""
    for path in ("//main", "//*[@role='main']", "//article"):
        found = page.xpath(path)
        if len(found) == 1:
            return found[0]
    body = page.find("body")
    return page if body is None else body


def _free(body: HtmlElement) -> None:
    for element in list(_furniture(body)):
        if element.getparent() is not None:
            element.drop_tree()
    for table in list(body.iter("table")):
        if _lays_out(table):
            for part in [p for p in table.iter("tr", "td", "th", "tbody") if _table_of(p) is table]:
                part.tag = "div"
            table.tag = "div"
    for element in body.iter(*_BOXES, *_LINES, *_MARKS):
        element.tag = "div" if element.tag in _BOXES else _MARKS.get(element.tag, "p")


def _furniture(body: HtmlElement) -> Iterator[HtmlElement]:
    yield from body.iter(*_DROPPED, lxml.etree.Comment)
    yield from body.xpath(".//footer[not(ancestor::section or ancestor::blockquote)]")
    for element in body.iter():
        if element is body or not isinstance(element.tag, str):
            continue
        names = f"{element.get('class', '')} {element.get('id', '')}".lower()
        if element.get("role") in _ROLES or "hidden" in element.attrib or _CLASSES.search(names):
            yield element


def _lays_out(table: HtmlElement) -> bool:
    """A table of other tables, or of cells as long as pages, is a layout."""
    cells = [cell for cell in table.iter("td", "th") if _table_of(cell) is table]
    nested = any(inner is not table for inner in table.iter("table"))
    return nested or any(len(cell.text_content()) > _LONG_CELL for cell in cells)


def _table_of(part: HtmlElement) -> HtmlElement | None:
    return next(part.iterancestors("table"), None)


def _depth(element: HtmlElement) -> int:
    deepest, level = 0, [element]
    while level:
        deepest, level = deepest + 1, [child for parent in level for child in parent]
    return deepest
