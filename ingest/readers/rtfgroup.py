"""What groups of Rich Text are for, and what holds within one."""

from dataclasses import dataclass, field

SKIPPED = frozenset(
    "colortbl filetbl listtable listoverridetable revtbl rsidtbl generator info pict objdata "
    "nonshppict header headerl headerr headerf footer footerl footerr footerf xe tc tcn rxe "
    "bkmkstart bkmkend datafield sp shprslt nonesttables private atnid atnauthor annotation "
    "ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn themedata latentstyles datastore xmlnstbl "
    "objclass objname formfield pgptbl mhtmltag".split()
)
# What keeps its text for another use than the running text.
KEPT = {
    "fonttbl": "font",
    "stylesheet": "style",
    "title": "title",
    "fldinst": "field",
    "listtext": "mark",
    "pntext": "mark",
}
PAGES = {"mac": 10000, "pc": 437, "pca": 850, "ansi": 1252}
STARRED = frozenset({"shpinst", "fldinst", "htmltag"})  # other words behind `\*` are left out


@dataclass(slots=True)
class Group:
    """What holds until the next closing brace."""

    into: str = "text"  # where its text goes; empty: nowhere
    opened: str = ""  # what begins with this group itself, and ends with it
    starred: bool = False
    font: int = -1
    fallback: int = 1  # bytes that stand for a letter of Unicode
    hidden: bool = False
    beside: bool = False  # RTF that only repeats what the HTML says
    style: int = 0
    outline: int = -1
    table: bool = False
    depth: int = 0
    aside: bool = False
    start: int = 0  # of its text within the paragraph
    outside: list[str] = field(default_factory=list)  # the paragraph around a note
