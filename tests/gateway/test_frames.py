"""Events as they are read from bytes: however these are cut, whatever ends their lines."""

import gzip
from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.frames import Events, post_for_frames

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1)
END = st.sampled_from(["\n", "\r\n", "\r"])
EVENTS = st.lists(st.tuples(TEXT, END), max_size=6)


def read(*chunks: bytes) -> Sequence[str]:
    events = Events()
    return [data.decode() for chunk in chunks for data in events.of(chunk)]


@given(events=EVENTS, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_events_are_the_same_however_their_bytes_are_cut(
    events: list[tuple[str, str]], cuts: list[int]
) -> None:
    whole = "".join(f"event: x{end}data: {text}{end}{end}" for text, end in events).encode()
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(places)]
    assert read(*pieces) == [text for text, _ in events]


@pytest.mark.parametrize("packed", [False, True])
async def test_a_stream_is_read_packed_or_not_and_with_half_of_a_surrogate_pair(
    *, packed: bool
) -> None:
    sent = b'data: {"delta": "caf\xc3\xa9"}\n\ndata: {"delta": "\\ud83d"}\n\ndata: [DONE]\n\n'
    answer = httpx2.Response(
        200,
        content=gzip.compress(sent) if packed else sent,
        headers={"content-encoding": "gzip"} if packed else {},
    )
    transport = httpx2.MockTransport(lambda _: answer)
    client = openai.AsyncOpenAI(
        api_key="k", http_client=httpx2.AsyncClient(transport=transport), max_retries=0
    )
    async with client, await post_for_frames(client, "/any", {}) as frames:
        assert [frame async for frame in frames] == [{"delta": "café"}, {"delta": "\ud83d"}]


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
def test_what_is_data_and_what_is_not(sent: str, data: list[str]) -> None:
    assert read(sent.encode()) == data


def test_a_large_event_in_small_pieces_takes_no_time() -> None:
    begun = perf_counter()
    (data,) = read(b"data: ", *[b"x" * 1024] * 20_000, b"\n\n")
    assert len(data) == 20_000 * 1024
    assert perf_counter() - begun < 5
