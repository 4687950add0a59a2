"""A worker that differs from this process is told apart, in words that say what to do."""

from dataclasses import replace

import pytest

from domain.vectors import VectorSpace
from wiring.cluster.hello import Hello, difference, encode, hello

OWN = hello(VectorSpace("bge", 384, "one"))


def test_one_that_is_the_same_has_no_difference() -> None:
    assert difference(OWN, encode(OWN)) == ""


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (replace(OWN, version="9.9"), "it runs Forebay 9.9"),
        (replace(OWN, readers=(*OWN.readers, "doc/1")), "its readers differ (doc/1)"),
        (replace(OWN, space=VectorSpace("bge", 384, "two")), "FOREBAY_EMBED__PATH"),
        (replace(OWN, space=None), "it embeds with None"),
    ],
    ids=["version", "readers", "model", "no-model"],
)
def test_a_difference_is_named(theirs: Hello, words: str) -> None:
    assert words in difference(OWN, encode(theirs))


def test_a_version_that_greets_in_another_way_is_told_apart_as_well() -> None:
    assert "it runs Forebay 3" in difference(OWN, b'{"version": "3", "greeting": "good day"}')
