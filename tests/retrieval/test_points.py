"""Chunks as points, and back."""

from hypothesis import given
from hypothesis import strategies as st

from domain.documents import Chunk
from retrieval.points import from_payload, point_id, to_payload
from tests.values import a_chunk

VALUES = (
    st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans()
    | st.lists(st.text()).map(tuple)
)  # fmt: skip


@given(
    st.builds(
        Chunk, id=st.uuids().map(str), headings=st.lists(st.text()).map(tuple),
        metadata=st.dictionaries(st.text(), VALUES),
    )
)  # fmt: skip
def test_a_chunk_comes_back_from_its_payload(chunk: Chunk) -> None:
    assert from_payload(to_payload("acme", chunk)) == chunk


def test_metadata_cannot_take_the_place_of_our_fields() -> None:
    payload = to_payload("acme", a_chunk(metadata={"tenant": "globex", "text": "mine"}))
    assert (payload["tenant"], payload["text"]) == ("acme", "Some text.")


def test_equal_chunks_of_two_tenants_are_two_points() -> None:
    assert point_id("acme", "1") != point_id("globex", "1")
