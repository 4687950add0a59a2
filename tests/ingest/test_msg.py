"""Outlook's mails: properties in streams, and a text that may be packed."""

import struct

import pytest

from domain.errors import ParseFailed
from ingest.draft import Parsed
from ingest.readers.msg import decompressed, read_msg
from tests.ingest.ole import container


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def parsed(streams: dict[str, bytes]) -> Parsed:
    return read_msg(container(streams)).parsed("t", "application/vnd.ms-outlook")


def test_subject_body_and_sender_are_read() -> None:
    mail = parsed(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_0037001F": wide("Gate code"),
            "__substg1.0_1000001F": wide("The gate code is 4711."),
            "__substg1.0_0C1A001F": wide("Ada"),
        }
    )
    assert (mail.title, mail.text) == ("Gate code", "# Gate code\n\nThe gate code is 4711.")
    assert mail.metadata["from"] == "Ada"


def test_a_page_is_read_where_there_is_no_plain_text() -> None:
    mail = parsed(
        {"__properties_version1.0": bytes(32), "__substg1.0_10130102": b"<p>From a <b>page</b></p>"}
    )
    assert mail.text == "From a page"


def packed(text: bytes) -> bytes:
    """As letters alone, eight after each control byte."""
    body = b"".join(b"\0" + text[i : i + 8] for i in range(0, len(text), 8))
    return struct.pack("<IIII", len(body) + 12, len(text), 0x75465A4C, 0) + body


def test_packed_rich_text_is_read() -> None:
    rich = rb"{\rtf1\ansi The rota is on the wall.\par}"
    mail = parsed({"__properties_version1.0": bytes(32), "__substg1.0_10090102": packed(rich)})
    assert mail.text == "The rota is on the wall."


def test_a_place_in_the_window_stands_for_what_is_there() -> None:
    body = b"\x01" + struct.pack(">H", 0 << 4 | 4)  # six letters from its beginning
    data = struct.pack("<IIII", len(body) + 12, 6, 0x75465A4C, 0) + body
    assert decompressed(data) == rb"{\rtf1"


def test_a_damaged_mail_is_refused() -> None:
    with pytest.raises(ParseFailed, match="damaged"):
        read_msg(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 2000)
