"""An HTML page, freed of what is not its content: navigation, scripts, what nobody sees.

What a page calls its content is believed. `tree.py` writes what is left.
"""

import re
from collections.abc import Iterator

import lxml.etree
import lxml.html
from lxml.html import HtmlElement

from domain.errors import ParseFailed
from ingest.decode import clean, decode
from ingest.draft import Draft
from ingest.readers.tree import write_tree

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
_PARSER = lxml.html.HTMLParser(huge_tree=True)  # the usual one stops at 256 levels
_DEEPEST = 2000  # and this one at 2048, without a word
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LITTLE = 200  # letters: what is hidden from screen readers only is no furniture if it is longer


def read_html(data: bytes) -> Draft:
    declared = _DECLARED.search(data[:_HEAD])
    page = tree_of(decode(data, declared[1].decode() if declared else None))
    draft = Draft(title=clean(page.findtext(".//title") or ""))
    draft.language = page.get("lang", "")
    write_tree(content_of(page), draft)
    return draft


def tree_of(text: str) -> HtmlElement:
    try:
        # the text is decoded, so what it declares of its encoding is of no use any more
        page = lxml.html.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=_PARSER
        )
    except (lxml.etree.LxmlError, ValueError) as error:
        raise ParseFailed(f"It has no text ({error}).", kind="no_text") from error
    if _depth(page) > _DEEPEST:
        raise ParseFailed(f"Its elements are nested more than {_DEEPEST} deep.", kind="too_deep")
    return page


def content_of(page: HtmlElement) -> HtmlElement:
    """The part that is its content, freed of what is none."""
    body = _content(page)
    for element in list(_furniture(body)):
        if element.getparent() is not None:
            element.drop_tree()
    return body


def _content(page: HtmlElement) -> HtmlElement:
    """What the page itself calls its content, where that is clear."""
    for path in ("//main", "//*[@role='main']", "//article"):
        found = page.xpath(path)
        if len(found) == 1 and found[0].text_content().strip():
            return found[0]
    body = page.find("body")
    return page if body is None else body


def _furniture(body: HtmlElement) -> Iterator[HtmlElement]:
    yield from body.iter(*_DROPPED, lxml.etree.Comment, lxml.etree.ProcessingInstruction)
    yield from body.xpath(".//footer[not(ancestor::section or ancestor::blockquote)]")
    yield from body.xpath("self::body/header[not(.//h1)]")
    most = len(body.text_content()) / 2
    for element in body.iter():
        if element is body or not isinstance(element.tag, str):
            continue
        if _unseen(element) or (
            _surrounds(element) and len(element.text_content()) <= max(most, _LITTLE)
        ):
            yield element


def _unseen(element: HtmlElement) -> bool:
    if "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")):
        return True
    mute = element.get("aria-hidden") == "true"
    return mute and len(element.text_content()) < _LITTLE


def _surrounds(element: HtmlElement) -> bool:
    """By role or name; a frame around most of the page is none, whatever its name says."""
    names = f"{element.get('class', '')} {element.get('id', '')}".lower()
    return element.get("role") in _ROLES or _CLASSES.search(names) is not None


def _depth(element: HtmlElement) -> int:
    deepest, level = 0, [element]
    while level:
        deepest, level = deepest + 1, [child for parent in level for child in parent]
    return deepest
