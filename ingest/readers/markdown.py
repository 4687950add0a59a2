"""Markdown (CommonMark with tables): the source lines of each block, under its heading path.

Code fences, tables and lists stay whole; HTML stays as text, so nothing inside `<details>` is
lost. Front matter becomes metadata; comments and link definitions are left out. Links stay as they
are written, and are listed.
"""

import re
from collections.abc import Iterator, Mapping

from markdown_it import MarkdownIt
from markdown_it.token import Token

from domain.documents import BlockKind, Scalar
from ingest.decode import decode
from ingest.draft import Draft

_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "paragraph",
    "blockquote_open": "paragraph",
    "html_block": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
}
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z][\w-]*)[ \t]*:[ \t]*(\S.*)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


# Marks within a line are looked at where it matters, in headings: so no run of brackets or stars
# costs more than its length.
_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")
_INLINE = MarkdownIt("commonmark")
_LINK = re.compile(
    r"(?<![!\\])\[(?P<label>[^\[\]\n]{1,500})\]"
    r"(?:\(\s*<?(?P<target>[^\s()<>]{1,2000}(?:\([^\s()<>]{0,200}\))?)|(?:\[(?P<name>[^\[\]\n]{0,200})\])?)"
    r"|<(?P<address>(?:https?|ftp|mailto):[^\s<>]{1,2000})>"
)
Targets = Mapping[str, str]  # what link definitions name, in capitals


def read_markdown(data: bytes) -> Draft:
    text, draft = decode(data), Draft()
    if front := _FRONT_MATTER.match(text):
        _keep_metadata(front[1] or "", draft)
        text = text[front.end() :]
    add_markdown(draft, text)
    return draft


def add_markdown(draft: Draft, text: str) -> None:
    lines = text.split("\n")
    found: dict[str, dict[str, dict[str, str]]] = {}
    tokens = _BLOCKS.parse(text, found)
    targets = {name: link["href"] for name, link in found.get("references", {}).items()}
    for i, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            written = tokens[i + 1].content
            draft.heading(_plain(written), int(token.tag[1:]), written=written)
        elif token.type in _KINDS:
            _block(draft, _KINDS[token.type], token, "\n".join(lines[slice(*token.map)]), targets)


def _block(draft: Draft, kind: BlockKind, token: Token, text: str, targets: Targets) -> None:
    if token.type == "html_block":
        text = _without_comments(text)
    links = () if kind == "code" else _links(text, targets)
    draft.add(kind, text, links=links, headed=kind == "table")


def _without_comments(text: str) -> str:
    closed = text.rfind("-->")  # what is opened behind it would be sought to the end, each
    return text if closed < 0 else _COMMENT.sub("", text[: closed + 3]) + text[closed + 3 :]


def _links(text: str, targets: Targets) -> Iterator[tuple[int, int, str]]:
    for match in _LINK.finditer(text):
        if match["address"]:
            yield *match.span("address"), match["address"]
            continue
        name = " ".join((match["name"] or match["label"]).split()).upper()
        if target := match["target"] or targets.get(name):
            yield *match.span("label"), target


def _plain(written: str) -> str:
    """A heading as it is read: without marks, links and anchors."""
    children = _INLINE.parseInline(written)[0].children or ()
    kept = (child.content for child in children if child.type in {"text", "code_inline"})
    return re.sub(r"\s*\{#?[\w .:#-]*\}\s*$", "", "".join(kept))


def _keep_metadata(front: str, draft: Draft) -> None:
    """The flat pairs of YAML front matter; nested ones are left out."""
    for line in front.splitlines():
        if pair := _PAIR.fullmatch(line.rstrip()):
            draft.metadata[pair[1].lower()] = _value(pair[2].split(" #")[0].strip())
    draft.title = str(draft.metadata.pop("title", ""))


def _value(text: str) -> Scalar | tuple[str, ...]:
    if text.startswith("[") and text.endswith("]"):
        return tuple(item.strip().strip("\"'") for item in text[1:-1].split(",") if item.strip())
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text.strip("\"'"))
