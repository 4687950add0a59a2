"""A container as Office of old makes it, by hand: streams of whole sectors in the root folder."""

import struct
from collections.abc import Mapping

SECTOR, LEAST = 512, 4096  # streams below that would lie elsewhere
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def container(streams: Mapping[str, bytes]) -> bytes:
    """Each stream is filled up with zeros."""
    fat = [_FAT]
    body, entries = b"", []
    for name, data in streams.items():
        padded = data.ljust(max(LEAST, -(-len(data) // SECTOR) * SECTOR), b"\0")
        start, count = len(fat), len(padded) // SECTOR
        fat += [*range(start + 1, start + count), _END]
        body += padded
        entries.append((name, 2, start, len(padded)))
    folder = b"".join(
        _entry(name, kind, first, size, right=i + 1 if 0 < i < len(entries) else -1, child=1)
        for i, (name, kind, first, size) in enumerate([("Root Entry", 5, _END, 0), *entries])
    )
    folder = folder.ljust(-(-len(folder) // SECTOR) * SECTOR, b"\0")
    start, count = len(fat), len(folder) // SECTOR
    fat += [*range(start + 1, start + count), _END]
    assert len(fat) <= SECTOR // 4
    table = struct.pack(f"<{SECTOR // 4}I", *fat, *[_FREE] * (SECTOR // 4 - len(fat)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, start, 0, LEAST, _END, 0, _END, 0
    )
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    return head + table + body + folder


def _entry(name: str, kind: int, first: int, size: int, *, right: int, child: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    links = (_FREE, right & _FREE, child if kind == 5 else _FREE)
    return struct.pack("<64sHBBIII36xIQ", wide, len(wide), kind, 1, *links, first & _FREE, size)
