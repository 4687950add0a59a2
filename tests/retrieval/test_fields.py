"""Indexes of the fields that filters ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import qdrant_edge as edge

from domain.documents import Metadata
from domain.filters import Equals, Exists, Range
from domain.hits import HybridQuery
from retrieval import shard_files
from retrieval.collection import new_collection
from retrieval.fields import of_written, unindexed
from retrieval.shard import Shard
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT, passage
from tests.values import a_chunk


@pytest.fixture
def shard(tmp_path: Path) -> Iterator[Shard]:
    made = shard_files.create(tmp_path / NAME, new_collection(NAME, SPACE, []))
    yield made
    made.close()


ODD: dict[str, Any] = {"a b": "x"}
NUMBER: dict[str, Any] = {"a b": 3}


def indexes(shard: Shard) -> set[str]:
    own = {"tenant", "source", "document_id", "flags"}
    return set(shard.engine.info().payload_schema) - own


def forgetful(shard: Shard) -> None:
    """As a collection is that was written before its fields had indexes."""
    for path in indexes(shard):
        shard.engine.update(edge.UpdateOperation.delete_field_index(path))
    shard._indexed.clear()


@pytest.mark.parametrize(
    ("value", "kind"),
    [("red", "keyword"), (("red",), "keyword"), (True, "keyword"), (7, "float"), (0.5, "float")],
    ids=["word", "words", "boolean", "whole number", "fraction"],
)
def test_an_index_is_of_the_kind_of_the_value(value: Metadata, kind: str) -> None:
    assert of_written([a_chunk(metadata={"of": value})], ()) == {"of": kind}


def test_a_field_that_has_an_index_gets_no_other() -> None:
    assert of_written([a_chunk(metadata={"a b": "x"})], {"meta.a b"}) == {}


def test_a_name_that_cannot_be_asked_for_gets_none() -> None:
    assert of_written([a_chunk(metadata={'a"b': "x", "": "y", "title": "z"})], ()) == {}


def test_a_document_of_many_fields_gets_some() -> None:
    many = a_chunk(metadata={f"field {n}": n for n in range(1000)})
    assert len(of_written([many], {"tenant"})) == 63


def test_a_boolean_is_asked_for_by_its_flag() -> None:
    where = (Equals("open", value=True), Exists("open"), Range("page", gte=2))
    assert unindexed(where, ()) == ["open", "page"]


def test_writing_a_field_makes_its_index(shard: Shard) -> None:
    shard.upsert(TENANT, [passage("1", year=2020, **ODD)])
    assert indexes(shard) == {"meta.year", 'meta."a b"'}


def test_asking_for_a_field_makes_its_index(shard: Shard) -> None:
    shard.upsert(TENANT, [passage("1", page=2, team="search")])
    forgetful(shard)
    where = (Equals("team", "search"), Equals("page", 2))
    hits, _ = shard.query(TENANT, HybridQuery(vector=EAST, where=where))
    assert [hit.chunk.id for hit in hits] == ["1"]
    assert indexes(shard) == {"meta.team", "page"}


def test_asking_for_what_nobody_has_makes_no_index(shard: Shard) -> None:
    shard.upsert(TENANT, [passage("1")])
    shard.upsert("other", [passage("2", team="search")])
    forgetful(shard)
    assert shard.query(TENANT, HybridQuery(vector=EAST, where=(Equals("team", "x"),)))[0] == []
    assert indexes(shard) == set()


def test_an_index_is_known_again_when_the_collection_is_opened(tmp_path: Path) -> None:
    made = shard_files.create(tmp_path / NAME, new_collection(NAME, SPACE, []))
    made.upsert(TENANT, [passage("1", **NUMBER)])
    made.close()
    opened = shard_files.load(tmp_path / NAME)
    opened.upsert(TENANT, [passage("2", **ODD)])  # would make it anew, of words
    assert str(opened.engine.info().payload_schema['meta."a b"'].data_type).endswith("Float")
    opened.close()
