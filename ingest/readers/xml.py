"""XML by what vocabularies share: titles of sections, paragraphs, lists, tables, listings; and
records of data, which keep the names of their fields.

No entity is followed: neither files nor nets, and none that is made of others. Comments are left
out. What an element is for, is told by its name (`ingest/language/xml.txt`) or by its content.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from domain.errors import ParseFailed
from ingest.decode import decode
from ingest.draft import Draft, linked, one_line
from ingest.lexicon import lexicon

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_NAMES = lexicon("xml")
_TITLES = _NAMES["titles"]
_GROUPED = {"title-group": "article-title", "book-title-group": "book-title"}
_PROSE = _NAMES["prose"]
_BLOCKS = _PROSE | _NAMES["lists"] | _NAMES["tables"] | _NAMES["code"] | _NAMES["boxes"]
_HEADS = _TITLES | _GROUPED.keys()
_SHORT = 300  # letters of a field of a record
_LONGEST_ENTITY = 200
_UNDECLARED = etree.ErrorTypes.ERR_UNDECLARED_ENTITY


def read_xml(data: bytes) -> Draft:
    root = _root(_DECLARATION.sub("", decode(data), count=1))
    if _name(root) == "html":
        from ingest.readers.web import read_html

        return read_html(data)
    draft = Draft()
    draft.language = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    _Walk(draft, root).run()
    return draft


def _root(text: str) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # entities, which this would let grow, are not resolved at all
        remove_comments=True,
        remove_pis=True,
        recover=True,  # from entities of HTML that nobody declared
    )
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        said = str(error)
        raise ParseFailed(f"It is not well-formed XML: {said}.", kind=_kind(said)) from error
    wrong = [e for e in parser.error_log if e.level_name == "FATAL" and e.type != _UNDECLARED]
    if wrong or root is None:
        said = f"{wrong[0].message}, line {wrong[0].line}" if wrong else "it has no element"
        raise ParseFailed(f"It is not well-formed XML: {said}.", kind=_kind(said))
    _replace_entities(root)
    return root


def _kind(said: str) -> str:
    """libxml2's own guards, told from mere mistakes."""
    guards = {"amplification": "unsafe_xml", "entity loop": "unsafe_xml", "depth": "too_deep"}
    return next((kind for word, kind in guards.items() if word in said), "corrupt")


def _replace_entities(root: etree._Element) -> None:
    """Short ones that the document declares as plain text; those made of others are an attack."""
    dtd = root.getroottree().docinfo.internalDTD
    texts = {entity.name: entity.content or "" for entity in dtd.iterentities()} if dtd else {}
    if any(re.search(r"[&%]\w", text) for text in texts.values()):
        raise ParseFailed("It declares entities that are made of others.", kind="unsafe_xml")
    for entity in list(root.iter(etree.Entity)):
        text = texts.get(entity.name, "")
        plain = len(text) <= _LONGEST_ENTITY and "<" not in text
        _put_before(entity, (text if plain else "") + (entity.tail or ""))


def _put_before(node: etree._Element, text: str) -> None:
    before, parent = node.getprevious(), node.getparent()
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
    parent.remove(node)


@dataclass(slots=True)
class _Open:
    """An element that has begun and not ended."""

    element: etree._Element
    name: str
    inline: bool
    mixed: bool  # text stands between its children: these are part of a sentence
    level: int = 0  # of the section that it is, once its title came
    parts: int = 0  # how much was in the buffer when it began


class _Walk:
    """Once through the tree, however deep; text gathers until a block begins or ends."""

    def __init__(self, draft: Draft, root: etree._Element) -> None:
        self._draft = draft
        self._root = root
        self._prose = next((e for e in root.iter() if _name(e) in _PROSE), None) is not None
        self._open: list[_Open] = []
        self._parts: list[str] = []
        self._done: etree._Element | None = None  # a subtree that was taken as a whole

    def run(self) -> None:
        walk = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._end(element)
            elif self._whole(element):
                walk.skip_subtree()
            else:
                self._start(element)
        self._flush()

    def _start(self, element: etree._Element) -> None:
        name, above = _name(element), self._open[-1] if self._open else None
        inside = above is not None and (above.inline or above.mixed or above.name in _PROSE)
        inline = inside and name not in _BLOCKS
        if not inline:
            self._flush()
        opened = _Open(element, name, inline, _is_mixed(element), parts=len(self._parts))
        self._open.append(opened)
        self._parts.append(element.text or "")

    def _end(self, element: etree._Element) -> None:
        if self._done is element:
            self._done = None
        else:
            ended = self._open.pop()
            if not ended.inline:
                self._flush()
                if ended.level:
                    self._draft.leave(ended.level)
            elif target := _target(element, ended.name):
                text = "".join(self._parts[ended.parts :])
                self._parts[ended.parts :] = [linked(text, target)]
        self._parts.append(element.tail or "")

    def _flush(self) -> None:
        text = one_line("".join(self._parts))
        self._parts.clear()
        if text:
            self._draft.add("paragraph", text)

    def _whole(self, element: etree._Element) -> bool:
        """What is more than its text: taken at once, with all that is in it."""
        name = _name(element)
        if self._is_title(name):
            self._title(element)
        elif name in _NAMES["code"]:
            self._flush()
            self._draft.add("code", _text(element))
        elif name in _NAMES["lists"] and (items := _children(element, _NAMES["items"])):
            self._flush()
            self._draft.items(_linked_text(item) for item in items)
        elif name in _NAMES["tables"] and (rows := list(_rows(element))):
            self._flush()
            headed = any(_name(part) == "thead" for part in element.iter())
            self._draft.rows(rows, headed=headed)
        elif lines := [] if _within(self._open) else self._small(element):
            self._flush()
            self._draft.add("paragraph", "\n".join(lines))
        else:
            return False
        self._done = element
        return True

    def _small(self, element: etree._Element) -> list[str]:
        """Few words in parts: a record of data, or what stands around prose: a name, a date."""
        if not self._prose:
            return list(_fields(element)) if _is_record(element) else []
        text = _pieces(element)
        return [text] if text and len(element) else []

    def _is_title(self, name: str) -> bool:
        if not self._open or _within(self._open):
            return False
        above = self._open[-1].name
        return _GROUPED.get(above) == name or (name in _TITLES and above not in _NAMES["captions"])

    def _title(self, element: etree._Element) -> None:
        """The heading of the section that it stands in."""
        self._flush()
        section = next(
            (o for o in reversed(self._open) if o.name not in _NAMES["wrappers"]), self._open[0]
        )
        outer = max((o.level for o in self._open if o is not section), default=0)
        own = element.get("level", "")
        if section.level:
            level = section.level + (int(own) if own.isdecimal() else 1)
        else:
            level = section.level = outer + 1
        title = _linked_text(element)
        self._draft.heading(title, level)
        if section.element is self._root and not self._draft.title:
            self._draft.title = _text(element)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _text(element: etree._Element) -> str:
    return "".join(element.itertext())


def _linked_text(element: etree._Element) -> str:
    """One line; as a link when it is but that."""
    text, inner = one_line(_text(element)), list(element.iter())
    targets = [(target, e) for e in inner if (target := _target(e, _name(e)))]
    if len(targets) == 1 and (label := one_line(_text(targets[0][1]))) in text:
        return text.replace(label, linked(label, targets[0][0]), 1) if label else text
    return text


def _target(element: etree._Element, name: str) -> str:
    if name not in _NAMES["links"]:
        return ""
    named = ("href", "url", "target")
    targets = (v for k, v in element.attrib.items() if etree.QName(k).localname in named)
    return next((t for t in targets if re.match(r"(?:https?|ftp|mailto):", t)), "")


def _is_mixed(element: etree._Element) -> bool:
    """Words stand beside its children, or it has none."""
    return bool((element.text or "").strip()) or any((c.tail or "").strip() for c in element)


def _within(open_: list[_Open]) -> bool:
    """In the midst of a sentence."""
    return bool(open_) and (open_[-1].inline or open_[-1].mixed)


def _children(element: etree._Element, names: frozenset[str]) -> list[etree._Element]:
    return [child for child in element if _name(child) in names]


def _rows(table: etree._Element) -> Iterator[list[str]]:
    for row in table.iter():
        if _name(row) in _NAMES["rows"] and (cells := _children(row, _NAMES["cells"])):
            yield [_linked_text(cell) for cell in cells]


def _pieces(element: etree._Element) -> str:
    """Its text, if that is short and no more than words."""
    texts: list[str] = []
    for count, inner in enumerate(element.iter()):
        name = _name(inner)
        block = name in _BLOCKS and (len(inner) or name in _PROSE)
        if count > _SHORT or block or name in _HEADS or (len(inner) and _is_mixed(inner)):
            return ""
        texts.append((inner.text or "").strip())
        if sum(map(len, texts[-20:])) > _SHORT:
            return ""
    text = " ".join(filter(None, texts))
    return one_line(text) if len(text) <= 3 * _SHORT else ""


def _is_record(element: etree._Element) -> bool:
    """Two fields or more, and nothing deeper in them."""
    if len(element) + len(element.attrib) < 2:  # noqa: PLR2004
        return False
    return not _is_mixed(element) and all(
        len(child) == 0 and len(child.text or "") <= _SHORT for child in element
    )


def _fields(record: etree._Element) -> Iterator[str]:
    for key, value in record.attrib.items():
        yield f"{etree.QName(key).localname}: {one_line(value)}"
    for child in record:
        said = [one_line(child.text or ""), *(one_line(v) for v in child.attrib.values())]
        if value := " ".join(filter(None, said)):
            yield f"{etree.QName(child).localname}: {value}"
