"""Events as they are read from bytes: however these are cut, whatever ends their lines."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.frames import data_of

TEXTS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1), max_size=6
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


async def read(*chunks: bytes) -> Sequence[str]:
    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [data.decode() async for data in data_of(sent())]


@given(texts=TEXTS, end=ENDS, cuts=st.lists(st.integers(0, 400), max_size=8))
async def test_events_are_the_same_however_their_bytes_are_cut(
    texts: list[str], end: str, cuts: list[int]
) -> None:
    whole = "".join(f"event: x{end}data: {text}{end}{end}" for text in texts).encode()
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(places)]
    assert await read(*pieces) == texts


@pytest.mark.parametrize(
    ("sent", "data"),
    [
        ("data:tight\n\n", ["tight"]),
        ("data:  one blank goes\n\n", [" one blank goes"]),
        ("data: two\ndata: lines\n\n", ["two\nlines"]),
        (": a comment\n\ndata: x\n\n", ["x"]),
        ("id: 1\nretry: 5\n\ndata: x\n\n", ["x"]),
        ("\n\n\n\ndata: x\n\n\n\n", ["x"]),
        ("data: x\n\ndata: torn", ["x"]),
        ("data: x\r\ndata: y\r\n\r\n", ["x\ny"]),
        ("", []),
    ],
)
async def test_what_is_data_and_what_is_not(sent: str, data: list[str]) -> None:
    assert await read(sent.encode()) == data


async def test_a_large_event_in_small_pieces_takes_no_time() -> None:
    begun = perf_counter()
    (data,) = await read(b"data: ", *[b"x" * 1024] * 20_000, b"\n\n")
    assert len(data) == 20_000 * 1024
    assert perf_counter() - begun < 5
