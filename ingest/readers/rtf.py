"""Rich Text Format: paragraphs, headings by style or outline, lists, tables, links, notes.

Walks without recursion. Running heads, pictures and whatever it does not know are left out; of a
mail's HTML that was put into RTF, the HTML is read. `controls.py` knows how it is written.
"""

import re
from dataclasses import replace

from domain.errors import ParseFailed
from ingest.draft import Draft, linked, unlinked
from ingest.readers.controls import charset_codec, letters, page_codec, tokens, whole
from ingest.readers.rtfgroup import KEPT, PAGES, SKIPPED, STARRED, Group
from ingest.readers.runs import Writer, leads
from ingest.readers.tree import write_tree
from ingest.readers.web import content_of, tree_of

_HEADING = re.compile(r"heading ([1-9])\b(?! char)", re.IGNORECASE)
_NUMBER = re.compile(r"\(?(?:\d+|[A-Za-z]|[ivxlcIVXLC]+)(?:\.\w+)*[.)]*")
_LINK = re.compile(r'\bHYPERLINK\s+"([^"]+)"')
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_DEEPEST = 10_000
_LEVELS = range(9)  # of an outline; the tenth is that of what is no heading


def read_rtf(data: bytes) -> Draft:
    draft = Draft()
    write_rtf(data, draft)
    if not draft.parsed("", "").blocks:
        raise ParseFailed("It has no text.", kind="no_text")
    return draft


def write_rtf(data: bytes, draft: Draft, *, level: int = 0) -> None:
    """`level` is that of the section which it lies in."""
    data = data.lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not data.startswith(b"{\\rtf"):
        raise ParseFailed("It is no RTF, whatever its name says.", kind="wrong_type")
    page = _Walk(draft, level).walk(data)
    if page.strip():
        write_tree(content_of(tree_of(page)), draft, level=level)


class _Walk:
    def __init__(self, draft: Draft, level: int) -> None:
        self._draft, self._level, self._writer = draft, level, Writer(draft)
        self._group, self._groups = Group(), list[Group]()
        self._bytes = bytearray()
        self._left = 0  # bytes to be left out behind a letter of Unicode
        self._codec = self._default = page_codec(1252)
        self._first_font = self._font = -1
        self._fonts: dict[int, str] = {}
        self._styles: dict[int, int] = {}  # the level of each that is a heading
        self._text: list[str] = []  # of the paragraph that is open
        self._kept: list[str] = []
        self._mark = self._target = ""
        self._cell: list[str] = []
        self._row: list[str] = []
        self._rows: list[list[str]] = []
        self._headed = False
        self._notes: list[str] = []
        self._html = False

    def walk(self, data: bytes) -> str:
        """The HTML that it was made from, if any; else it was written."""
        for word, number, octets in tokens(data):
            if octets is not None:
                self._take(octets)
            elif word in "{}":
                self._flush()
                self._left = 0
                (self._open if word == "{" else self._close)()
            elif self._left and word != "u":
                self._left -= 1
            else:
                self._flush()
                self._word(word, number)
        self._flush()
        while self._groups:  # it is cut off
            self._close()
        if self._html:
            return whole("".join(self._text))
        self._end_paragraph()
        self._end_table()
        self._writer.end_list()
        return ""

    # Text

    def _take(self, octets: bytes) -> None:
        """Bytes wait for the next, as a letter may have several."""
        left = min(self._left, len(octets))
        self._left -= left
        if not self._group.into:
            return
        codec = self._fonts.get(self._group.font, self._default)
        if codec != self._codec:
            self._flush()
            self._codec = codec
        self._bytes += octets[left:]

    def _flush(self) -> None:
        if self._bytes:
            self._write(letters(bytes(self._bytes), self._codec))
            self._bytes.clear()

    def _write(self, text: str) -> None:
        group = self._group
        if group.into == "text" and not group.hidden and not group.beside:
            self._text.append(_UNSEEN.sub("", text))
        elif group.into not in {"", "text"}:
            self._kept.append(text)

    # Groups

    def _open(self) -> None:
        if len(self._groups) >= _DEEPEST:
            raise ParseFailed(f"Its groups are nested more than {_DEEPEST} deep.", kind="too_deep")
        self._groups.append(self._group)
        self._group = replace(self._group, opened="", starred=False)
        if self._group.into in {"font", "style"}:
            self._kept.clear()

    def _close(self) -> None:
        if not self._groups:
            return  # there are more than were opened
        if len(self._groups) == 1 and not self._html:
            self._end_paragraph()
        group, self._group = self._group, self._groups.pop()
        if group.opened == "note":
            self._notes.append(whole("".join(self._text)))
            self._text = group.outside
        elif group.opened == "link":
            self._link(group.start)
        elif group.opened:
            self._keep(group.opened, "".join(self._kept))
        elif group.into == "style" and (found := _HEADING.match("".join(self._kept).strip())):
            self._styles.setdefault(group.style, int(found[1]))

    def _keep(self, use: str, text: str) -> None:
        if use == "mark":
            self._mark = text.strip() or "-"
        elif use == "title":
            self._draft.title = self._draft.title or whole(_UNSEEN.sub("", text))
        elif use == "field" and (target := _LINK.search(text)):
            self._target = "" if "\\l" in text else leads(target[1])

    def _link(self, start: int) -> None:
        words = "".join(self._text[start:])
        if self._target and "\n" not in words and not self._html:
            self._text[start:] = [linked(words, self._target)]
        self._target = ""

    # Words

    def _word(self, word: str, number: int | None) -> None:
        group = self._group
        starred, group.starred = group.starred, word == "*"
        if word == "u":
            self._write(chr((number or 0) % 0x10000))
            self._left = group.fallback
        elif word == "=":
            self._write(chr(number or 0))
        elif word in SKIPPED or (starred and word not in STARRED and word not in KEPT):
            group.into = ""
        elif word in KEPT and (group.into or word == "title"):
            group.into = group.opened = KEPT[word]
            self._kept.clear()
        elif group.into == "font":
            self._font_word(word, number)
        elif group.into == "style":
            self._style_word(word, number)
        elif group.into and not self._ends(word) and not self._begins(word):
            self._property(word, number)
            self._document_word(word, number)

    def _font_word(self, word: str, number: int | None) -> None:
        if word == "f":
            self._font = number or 0
        elif word == "fcharset" and (codec := charset_codec(number)):
            self._fonts[self._font] = codec
        elif word == "cpg" and number:
            self._fonts.setdefault(self._font, page_codec(number))

    def _style_word(self, word: str, number: int | None) -> None:
        if word == "s":
            self._group.style = number or 0
        elif word == "outlinelevel" and number in _LEVELS:
            self._styles[self._group.style] = (number or 0) + 1

    def _ends(self, word: str) -> bool:
        if word not in {"par", "sect", "cell", "row"}:
            return False
        if self._html or self._group.aside or self._group.into != "text":
            self._write("\n")
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()
        else:
            self._end_paragraph()
        return True

    def _begins(self, word: str) -> bool:
        group = self._group
        if word in {"footnote", "shptxt"} and not group.aside:
            group.opened, group.aside = "note", True
            group.outside, self._text = self._text, []
        elif word == "fldrslt":
            group.opened, group.start = "link", len(self._text)
        else:
            return False
        return True

    def _property(self, word: str, number: int | None) -> None:
        """What holds for the paragraph, or for some of its letters."""
        group, value = self._group, number or 0
        match word:
            case "pard":
                group.style, group.outline, group.table, group.depth = 0, -1, False, 0
            case "plain":
                group.font, group.hidden = self._first_font, False
            case "f":
                group.font = value
            case "uc":
                group.fallback = max(value, 0)
            case "s":
                group.style = value
            case "outlinelevel":
                group.outline = value
            case "ilvl":
                group.depth = max(value, 0)
            case "intbl":
                group.table = True
            case _:
                self._letters(word, number)

    def _letters(self, word: str, number: int | None) -> None:
        if word in {"v", "deleted"}:
            self._group.hidden = number != 0
        elif word == "htmlrtf":
            self._group.beside = number != 0

    def _document_word(self, word: str, number: int | None) -> None:
        if word == "deff":
            self._group.font = self._first_font = number or 0
        elif word == "ansicpg" and number:
            self._default = page_codec(number)
        elif word in PAGES:
            self._default = page_codec(PAGES[word])
        elif word == "fromhtml":
            self._html = True
        elif word == "trhdr":
            self._headed = self._headed or not self._rows

    # Blocks

    def _end_paragraph(self) -> None:
        text, mark, group = whole("".join(self._text)), self._mark, self._group
        self._text, self._mark = [], ""
        if group.table or self._row:
            self._cell.append(text)
            return
        level = self._styles.get(group.style, 0)
        if group.outline >= 0:
            level = group.outline + 1 if group.outline in _LEVELS else 0
        number = mark if _NUMBER.fullmatch(mark) else ""
        if unlinked(text).strip():
            self._end_table()
            if level:
                self._writer.heading(f"{number} {text}", self._level + level)
            elif mark:
                self._writer.item(text, group.depth, number or "-")
            else:
                self._writer.paragraph(text)
        self._end_notes()

    def _end_notes(self) -> None:
        for note in self._notes:
            self._writer.paragraph(note)
        self._notes.clear()

    def _end_cell(self) -> None:
        parts = [*self._cell, whole("".join(self._text))]
        self._row.append("\n".join(filter(None, parts)))
        self._cell, self._text, self._mark = [], [], ""

    def _end_row(self) -> None:
        self._rows.append(self._row)
        self._row = []

    def _end_table(self) -> None:
        if any(self._cell):
            self._end_cell()  # the table is cut off
        if self._row:
            self._end_row()
        if self._rows:
            self._writer.table(self._rows, headed=self._headed or None)
            self._rows, self._headed = [], False
            self._end_notes()
