"""Plain text: paragraphs between blank lines, underlined headings; code keeps its lines.

Lines stay as they are written: what is cited is what stands in the file.
"""

import re
from collections.abc import Callable

from ingest.decode import decode
from ingest.draft import Draft

_CODE = frozenset(
    [
        "bash",
        "c",
        "cc",
        "cfg",
        "conf",
        "cpp",
        "cs",
        "css",
        "go",
        "h",
        "hpp",
        "ini",
        "java",
        "js",
        "json",
        "jsx",
        "kt",
        "lua",
        "php",
        "pl",
        "properties",
        "ps1",
        "py",
        "r",
        "rb",
        "rs",
        "scala",
        "sh",
        "sql",
        "swift",
        "toml",
        "ts",
        "tsx",
        "vue",
        "xml",
        "yaml",
        "yml",
    ]
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)*\n")
_HEADING = re.compile(
    r"^(?P<over>([^\w\s])\2{2,}[ \t]*\n)?[ \t]?(?P<title>\S[^\n]{0,120})\n"
    r"(?P<under>([=\-~^#*+\"'`:.])\5{2,})[ \t]*$",
    re.MULTILINE,
)


def reader_of(kind: str) -> Callable[[bytes], Draft]:
    return read_code if kind in _CODE else read_text


def read_code(data: bytes) -> Draft:
    draft = Draft()
    for stretch in _BLANK_LINES.split(decode(data)):
        draft.add("code", stretch)
    return draft


def read_text(data: bytes) -> Draft:
    draft, text, at = Draft(), decode(data), 0
    levels: dict[str, int] = {}
    for match in _HEADING.finditer(text):
        if not _underlined(match, text):
            continue
        draft.paragraphs(text[at : match.start()])
        # As in reStructuredText: the marks say a level by the order in which they first come.
        mark = match["under"][0] + ("over" if match["over"] else "")
        draft.heading(match["title"], levels.setdefault(mark, len(levels) + 1))
        at = match.end()
    draft.paragraphs(text[at:])
    return draft


def _underlined(match: re.Match[str], text: str) -> bool:
    """A line alone over marks of its length; not a row over the rule of a table."""
    before = text[: match.start()].rstrip(" \t")
    alone = not before or before.endswith("\n\n") or match["over"] is not None
    return alone and abs(len(match["title"].rstrip()) - len(match["under"])) <= 2  # noqa: PLR2004
