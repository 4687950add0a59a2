"""Markdown (CommonMark with tables): the source lines of each block, under its heading path.

Code fences, tables and lists stay whole; HTML stays as text, so nothing inside `<details>` is
lost. Front matter becomes metadata; comments and link definitions are left out.
"""

import re

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


def read_markdown(data: bytes) -> Draft:
    text, draft = decode(data), Draft()
    if front := _FRONT_MATTER.match(text):
        _keep_metadata(front[1] or "", draft)
        text = text[front.end() :]
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for i, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            inline = tokens[i + 1]
            draft.heading(_plain(inline), int(token.tag[1:]), written=inline.content)
        elif token.type in _KINDS:
            block = "\n".join(lines[slice(*token.map)])
            if token.type == "html_block":
                block = _COMMENT.sub("", block)
            draft.add(_KINDS[token.type], block)
    return draft


def _plain(inline: Token) -> str:
    """A heading as it is read: without marks, links and anchors."""
    kept = (c.content for c in inline.children or () if c.type in {"text", "code_inline"})
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
