"""reStructuredText through docutils, Sphinx's dialect included; what it says, not how it looks.

Reads no other file and runs nothing: `include`, `raw` and tables from elsewhere are off. A
directive or a role that docutils does not know keeps its text.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import Directive, directives, roles

from ingest.decode import decode
from ingest.draft import Draft, linked, one_line, unlinked
from ingest.lexicon import lexicon

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "sectsubtitle_xform": False,
    "syntax_highlight": "none",
    "halt_level": 5,
    "report_level": 5,
    "line_length_limit": 10**9,
    "input_encoding": "unicode",
}
_ERROR = 3  # what docutils could not read stands in a message from this level on
_DIRECTIVES = lexicon("rst")
_SAID = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
    "seealso": "See also",
}
_TITLED = re.compile(r"(?P<text>.+?)\s*<(?P<target>[^<>]+)>", re.DOTALL)


def read_rst(data: bytes) -> Draft:
    draft = Draft()
    with _lenient():
        tree = publish_doctree(decode(data), settings_overrides=_SETTINGS)
    _walk(draft, tree, 0)
    top = [node for node in tree.children if isinstance(node, nodes.section)]
    if len(top) == 1:  # it holds the document, whatever stands before it
        draft.title = unlinked(_text(top[0].children[0]))
    return draft


class _Options(dict[str, object]):
    """Every option is known."""

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, name: str) -> object:
        return directives.unchanged


class _Unknown(Directive):  # type: ignore[misc]  # docutils has no types
    """What it says: its argument, then its content as the format it is in."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _Options()

    def run(self) -> list[nodes.Node]:
        if self.name in _DIRECTIVES["silent"]:
            return []
        content = "\n".join(self.content)
        if self.name in _DIRECTIVES["source"]:
            return [nodes.literal_block(content, content)]
        said = " ".join(filter(None, (_SAID.get(self.name), *self.arguments)))
        box = nodes.container()
        if said and self.name not in _DIRECTIVES["wordless"]:
            box += nodes.paragraph(said, "", *self.state.inline_text(said, self.lineno)[0])
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


def _unknown_role(
    _name: str, rawtext: str, text: str, *_: object
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """`title <target>` is its title; `~a.b.c` is `c`, as Sphinx shows it."""
    titled = _TITLED.fullmatch(nodes.unescape(text))
    said = titled["text"] if titled else nodes.unescape(text).lstrip("!")
    if said.startswith("~"):
        said = re.split(r"[./]", said)[-1]
    return [nodes.inline(rawtext, said)], []


@contextmanager
def _lenient() -> Iterator[None]:
    """The two places that Sphinx, too, steps into: docutils has no other for what is unknown."""
    known_directive, known_role = directives.directive, roles.role

    def directive(name: str, *context: object) -> tuple[type[Directive], list[nodes.Node]]:
        own = name.lower() in _DIRECTIVES["silent"] | _DIRECTIVES["source"]
        return (not own and known_directive(name, *context)[0]) or _Unknown, []

    def role(name: str, *context: object) -> tuple[Callable[..., object], list[nodes.Node]]:
        return known_role(name, *context)[0] or _unknown_role, []

    directives.directive, roles.role = directive, role
    try:
        yield
    finally:
        directives.directive, roles.role = known_directive, known_role


def _walk(draft: Draft, parent: nodes.Element, level: int) -> None:
    for node in parent.children:
        if isinstance(node, nodes.section):
            _walk(draft, node, level + 1)
            draft.leave(level + 1)
        elif isinstance(node, nodes.Element):
            _add(draft, node, level)


def _add(draft: Draft, node: nodes.Element, level: int) -> None:
    if isinstance(node, nodes.title) and isinstance(node.parent, nodes.section):
        draft.heading(_text(node), level)
    elif _is_list(node) and _is_plain(node):
        draft.add("list", "\n".join(_items(node)))
    else:
        adders = (add for kinds, add in _ADDERS if isinstance(node, kinds))
        next(adders, _walk)(draft, node, level)


def _paragraph(draft: Draft, node: nodes.Element, _level: int) -> None:
    draft.add("paragraph", _text(node))


def _code(draft: Draft, node: nodes.Element, _level: int) -> None:
    draft.add("code", node.astext())


def _lines(draft: Draft, node: nodes.Element, _level: int) -> None:
    draft.add("paragraph", "\n".join(_text(line) for line in node.findall(nodes.line)))


def _unread(draft: Draft, message: nodes.Element, _level: int) -> None:
    """What docutils could not read: a table that is askew, say."""
    if message["level"] >= _ERROR:
        for lost in message.findall(nodes.literal_block):
            draft.add("code", lost.astext())


def _nothing(_draft: Draft, _node: nodes.Element, _level: int) -> None:
    pass


def _text(node: nodes.Node) -> str:
    """With its links; without images, footnote marks stay."""
    if isinstance(node, nodes.Text):
        return str(node.astext())
    if isinstance(node, nodes.image):
        return str(node.get("alt", ""))
    text = "".join(map(_text, node.children))
    target = node.get("refuri", "") if isinstance(node, nodes.reference) else ""
    return linked(text, target) if target else text


def _is_plain(node: nodes.Element) -> bool:
    """A list of words and of lists of words."""
    return all(
        isinstance(child, nodes.paragraph) or (_is_list(child) and _is_plain(child))
        for item in node.children
        for child in item.children
    )


def _is_list(node: nodes.Node) -> bool:
    return isinstance(node, nodes.bullet_list | nodes.enumerated_list)


def _items(listed: nodes.Element, indent: str = "") -> Iterator[str]:
    start = listed.get("start", 1)
    for number, item in enumerate(listed.children, start):
        mark = f"{number}." if isinstance(listed, nodes.enumerated_list) else "-"
        for child in item.children:
            if _is_list(child):
                yield from _items(child, indent + "  ")
            else:
                yield f"{indent}{mark} {one_line(_text(child))}"
                mark = " " * len(mark)


def _entry(draft: Draft, node: nodes.Element, level: int) -> None:
    """A term and the beginning of what is said of it stay together."""
    *terms, body = node.children
    said = ", ".join(one_line(_text(term)) for term in terms)
    if body.children and isinstance(body.children[0], nodes.paragraph):
        said = f"{said}\n{_text(body.children[0])}"
        body.remove(body.children[0])
    draft.add("paragraph", said)
    _walk(draft, body, level)


def _admonition(draft: Draft, node: nodes.Element, level: int) -> None:
    first = node.children[0] if node.children else None
    if isinstance(first, nodes.paragraph):
        draft.add("paragraph", f"{node.tagname.capitalize()}: {_text(first)}")
        node.remove(first)
    _walk(draft, node, level)


def _table(draft: Draft, table: nodes.Element, _level: int) -> None:
    for title in table.findall(nodes.title):
        draft.add("paragraph", _text(title))
    headed = next(table.findall(nodes.thead), None) is not None
    cells = ([_text_of_cell(entry) for entry in row.children] for row in table.findall(nodes.row))
    draft.rows(cells, headed=headed)


def _text_of_cell(entry: nodes.Node) -> str:
    return " ".join(_text(child) for child in entry.children)


_ADDERS = (
    (nodes.literal_block | nodes.doctest_block | nodes.math_block, _code),
    (nodes.table, _table),
    (nodes.definition_list_item | nodes.field | nodes.option_list_item, _entry),
    (nodes.line_block, _lines),
    (nodes.system_message, _unread),
    (nodes.image, _paragraph),
    (nodes.Admonition, _admonition),
    (nodes.comment | nodes.substitution_definition | nodes.target | nodes.pending, _nothing),
    (nodes.raw | nodes.meta | nodes.header | nodes.footer, _nothing),
    (nodes.TextElement, _paragraph),
)
