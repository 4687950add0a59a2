"""Zip archives and their XML cannot do harm."""

import io
import struct
import zipfile

import pytest

from domain.errors import ParseFailed
from ingest.readers.archive import open_archive, xml_root
from tests.ingest.zips import zipped

_ZEROS = bytes(4 * 2**20)


def test_a_part_is_read() -> None:
    assert open_archive(zipped({"a.xml": "<a/>"})).read("a.xml") == b"<a/>"


def test_what_unpacks_to_far_more_than_it_weighs_is_a_bomb() -> None:
    with pytest.raises(ParseFailed) as refused:
        open_archive(zipped({"a.xml": _ZEROS}))
    assert refused.value.kind == "bomb"


def test_little_data_may_be_packed_however_well() -> None:
    assert len(open_archive(zipped({"a.xml": bytes(2**19)})).read("a.xml")) == 2**19


def test_a_size_that_is_a_lie_lets_nothing_more_out() -> None:
    data = zipped({"a.xml": _ZEROS}).replace(struct.pack("<I", len(_ZEROS)), struct.pack("<I", 9))
    with pytest.raises(ParseFailed) as refused:
        open_archive(data).read("a.xml")
    assert refused.value.kind in {"bomb", "corrupt"}


def test_parts_that_are_each_small_enough_are_counted_together() -> None:
    archive = open_archive(zipped({"a.xml": bytes(600), "b.xml": bytes(600)}))
    archive._most = 1000  # as if the list of its parts had said less
    archive.read("a.xml")
    with pytest.raises(ParseFailed) as refused:
        archive.read("b.xml")
    assert refused.value.kind == "bomb"


def test_an_encrypted_part_is_said_to_be_one() -> None:
    data = bytearray(zipped({"a.xml": "<a/>"}))
    data[6] |= 1  # of its own header
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # of the list of parts
    with pytest.raises(ParseFailed) as refused:
        open_archive(bytes(data))
    assert refused.value.kind == "encrypted"


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive", zipped({"a": "b" * 99})[:-30]],
    ids=["empty", "text", "cut off"],
)
def test_what_is_no_archive_is_damaged(data: bytes) -> None:
    with pytest.raises(ParseFailed) as refused:
        open_archive(data)
    assert refused.value.kind == "corrupt"


def test_a_damaged_part_is_named() -> None:
    data = bytearray(zipped({"a.xml": "<a>harbour</a>"}))
    data[40] ^= 0xFF
    with pytest.raises(ParseFailed, match=r"a\.xml") as refused:
        open_archive(bytes(data)).read("a.xml")
    assert refused.value.kind == "corrupt"


def test_a_part_that_is_not_there_is_named() -> None:
    with pytest.raises(ParseFailed, match=r"b\.xml"):
        open_archive(zipped({"a.xml": ""})).read("b.xml")


def test_a_packing_that_the_formats_forbid_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.xml", "<a/>")
    with pytest.raises(ParseFailed) as refused:
        open_archive(file.getvalue())
    assert refused.value.kind == "unsupported"


def test_a_copy_for_a_library_holds_the_same() -> None:
    with zipfile.ZipFile(open_archive(zipped({"a.xml": "<a/>"})).unpacked()) as copy:
        assert copy.read("a.xml") == b"<a/>"


def test_a_copy_for_a_library_has_no_entities() -> None:
    with pytest.raises(ParseFailed) as refused:
        open_archive(zipped({"a.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a/>'})).unpacked()
    assert refused.value.kind == "unsafe_xml"


@pytest.mark.parametrize(
    "entity", ['SYSTEM "file:///etc/hostname"', '"lol"', 'SYSTEM "http://127.0.0.1/x"']
)
def test_xml_with_entities_of_its_own_is_unsafe(entity: str) -> None:
    with pytest.raises(ParseFailed) as refused:
        xml_root(f"<!DOCTYPE a [<!ENTITY x {entity}>]><a>&x;</a>".encode())
    assert refused.value.kind == "unsafe_xml"


def test_entities_made_of_entities_are_unsafe() -> None:
    more = "".join(f'<!ENTITY x{i} "{f"&x{i - 1};" * 10}">' for i in range(1, 9))
    with pytest.raises(ParseFailed) as refused:
        xml_root(f'<!DOCTYPE a [<!ENTITY x0 "lol">{more}]><a>&x8;</a>'.encode())
    assert refused.value.kind == "unsafe_xml"


def test_xml_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ParseFailed) as refused:
        xml_root(b"<a>" * 3000 + b"</a>" * 3000)
    assert refused.value.kind == "too_deep"
