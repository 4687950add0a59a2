"""An e-mail: its subject as heading, its text, the names of what is attached.

Who wrote to whom and when is metadata; how it travelled is left out. A message that is attached
is a section of its own. Never fails for a broken header, part or encoding: mail has all of them.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from domain.errors import ParseFailed
from ingest.decode import clean, decode
from ingest.draft import Draft, one_line
from ingest.readers.tree import write_tree
from ingest.readers.web import content_of, tree_of

# Of 1996: it keeps headers as they are, where the newer policy raises for some that are broken.
_POLICY = policy.compat32
_PLAIN = frozenset({"text/plain", "text/markdown"})
_HTML = "text/html"
_BOUNDARY = re.compile(rb"^--([^\s-][^\r\n]*?)[ \t]*$", re.MULTILINE)
_SEALED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_STATEFUL = ("utf-7", "utf-16", "utf-32", "hz", "iso2022")  # no look at the bytes finds these
_SOFT_END = re.compile(r"(?<!^--) \n(?=[^>\n])", re.MULTILINE)
_MARKS = b"\xef\xbb\xbf \t\r\n"


def read_eml(data: bytes) -> Draft:
    message = message_from_bytes(data.lstrip(_MARKS), policy=_POLICY)
    draft = Draft(title=_header(message, "subject"))
    for name in ("from", "to", "date"):
        if value := _header(message, name):
            draft.metadata[name] = _iso(value) if name == "date" else value
    write_message(message, draft)
    if not draft.parsed("", "").blocks:
        if message.get_content_type() in _SEALED:
            raise ParseFailed("It is encrypted. Save it without encryption.", kind="encrypted")
        raise ParseFailed("The message has neither a subject nor text.", kind="no_text")
    return draft


def write_message(message: Message, draft: Draft, *, level: int = 1) -> None:
    """It and what is attached to it, which may have messages attached as well."""
    todo = [(message, level)]
    while todo:
        message, level = todo.pop()
        draft.leave(level)
        draft.heading(_header(message, "subject"), level)
        if level > 1:
            names = ("From", "To", "Date")
            known = [f"{name}: {value}" for name in names if (value := _header(message, name))]
            draft.add("paragraph", "\n".join(known))
        within = _write_parts(message, draft, level)
        todo += [(part, level + 1) for part in reversed(within)]


def write_page(html: str, draft: Draft, *, level: int) -> None:
    """`level` is that of the heading above it."""
    if html.strip():
        write_tree(content_of(tree_of(html)), draft, level=level)


def write_attachments(names: Iterable[str], draft: Draft) -> None:
    if known := [name for name in map(one_line, names) if name]:
        draft.add("paragraph", f"Attachments: {', '.join(known)}")


def text_of(data: bytes, charset: str | None) -> str:
    """Some text for any bytes: what a mail says of its encoding may be wrong or missing."""
    known = _codec(charset)
    try:
        if known.startswith(_STATEFUL):
            return clean(data.decode(known, "replace"))
        return decode(data, known or None)
    except (ParseFailed, LookupError):
        return clean(data.decode("cp1252", "replace"))


def _write_parts(message: Message, draft: Draft, level: int) -> list[Message]:
    """The messages in it, which are yet to be written."""
    names: list[str] = []
    within: list[Message] = []
    for part, shown in _leaves(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            within += _attached(part)
        elif shown and _is_text(part, kind):
            _write_text(part, draft, level)
        elif name := _file_name(part):
            names.append(name)
    write_attachments(names, draft)
    return within


def _leaves(message: Message) -> Iterator[tuple[Message, bool]]:
    """Each part, and whether it is shown: of alternatives only one is."""
    todo = [(message, True)]
    while todo:
        part, shown = todo.pop()
        part = _mended(part)
        kind = part.get_content_type()
        if part.get_content_maintype() != "multipart" or not part.is_multipart():
            yield part, shown
            continue
        parts = _children(part)
        best = _best(parts) if kind == "multipart/alternative" else None
        todo += [(child, shown and best in (None, child)) for child in reversed(parts)]


def _best(parts: list[Message]) -> Message | None:
    """Plain text; else the last that has any, as the richest comes last."""
    rank = {kind: i for i, kinds in enumerate((_PLAIN, {_HTML})) for kind in kinds}
    found: dict[int, Message] = {}
    for part in parts:
        inner = [part] if not part.is_multipart() else list(part.walk())
        for leaf in inner:
            kind = leaf.get_content_type()
            if kind in rank and _payload(leaf).strip():
                found[rank[kind]] = part
    return found[min(found)] if found else None


def _mended(part: Message) -> Message:
    """A multipart that does not name its boundary: the first line that looks like one is it."""
    if part.get_content_maintype() != "multipart" or part.is_multipart():
        return part
    body = _payload(part)
    boundary = _BOUNDARY.search(body)
    if boundary is None:
        return part
    head = b'Content-Type: multipart/mixed; boundary="' + boundary[1] + b'"\n\n'
    return message_from_bytes(head + body, policy=_POLICY)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    found = payload if isinstance(payload, list) else []
    return [child for child in found if isinstance(child, Message)]


def _attached(part: Message) -> list[Message]:
    if found := _children(part):
        return found
    data = _payload(part).lstrip(_MARKS)  # it was encoded, which is forbidden and is done
    return [message_from_bytes(data, policy=_POLICY)] if data else []


def _is_text(part: Message, kind: str) -> bool:
    if part.get_content_maintype() == "multipart":  # of which no parts were found
        return True
    return (kind in _PLAIN or kind == _HTML) and part.get_content_disposition() != "attachment"


def _write_text(part: Message, draft: Draft, level: int) -> None:
    text = text_of(_payload(part), _charset(part))
    if part.get_content_type() == _HTML:
        write_page(text, draft, level=level)
        return
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _SOFT_END.sub(" ", text)
    draft.paragraphs(text)


def _payload(part: Message) -> bytes:
    payload = None if part.is_multipart() else part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (UnicodeError, ValueError):
        return None


def _file_name(part: Message) -> str:
    """Empty for pictures that the text shows."""
    if "content-id" in part and part.get_content_maintype() == "image":
        return ""
    try:
        return _words(part.get_filename() or "")
    except (UnicodeError, ValueError, TypeError):
        return ""


def _header(message: Message, name: str) -> str:
    raw = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return _words(str(next(raw, "")))


def _words(raw: str) -> str:
    """A header in letters: encoded words, or bytes that should have been encoded."""
    raw = text_of(raw.encode("utf-8", "surrogateescape"), None)
    try:
        found = decode_header(re.sub(r"\r?\n[ \t]*", " ", raw))
    except (HeaderParseError, ValueError):
        return one_line(raw)
    texts = [text if isinstance(text, str) else _word(text, name) for text, name in found]
    return one_line("".join(texts))


def _word(data: bytes, charset: str | None) -> str:
    # what is not encoded comes as the bytes of its escapes
    return text_of(data, charset) if charset else data.decode("raw-unicode-escape", "replace")


def _codec(charset: str | None) -> str:
    """The codec of that name, if there is one and it makes text."""
    try:
        b"a".decode(charset or "")
    except UnicodeError:
        pass  # one that needs more bytes
    except (LookupError, ValueError):
        return ""
    return codecs.lookup(charset).name if charset else ""


def _iso(date: str) -> str:
    try:
        return parsedate_to_datetime(date).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return date
