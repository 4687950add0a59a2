"""The folder of a collection in the embedded engine: made, opened, swapped, removed.

A description beside the engine's own folder says which of them is the collection's.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

import qdrant_edge as edge

from retrieval.collection import Collection, collection_from_json
from retrieval.durable import write_durably
from retrieval.edge_errors import engine_errors
from retrieval.points import INDEXED_FIELDS
from retrieval.shard import Shard

_DESCRIPTION = "collection.json"  # written last: a folder without it is not a collection
_ENGINE = "shard"


def create(folder: Path, collection: Collection) -> Shard:
    """A new, empty collection in `folder`. Left-overs of an unfinished creation go."""
    remove(folder)
    (folder / _ENGINE).mkdir(parents=True)
    with engine_errors(collection.name, folder):
        engine = edge.EdgeShard.create(str(folder / _ENGINE), _config(collection))
        tenant = edge.KeywordIndexParams(is_tenant=True)
        engine.update(edge.UpdateOperation.create_field_index("tenant", tenant))
        for field in INDEXED_FIELDS:
            keyword = edge.PayloadSchemaType.Keyword
            engine.update(edge.UpdateOperation.create_field_index(field, keyword))
        engine.flush()
    _write(folder, collection)
    return Shard(folder, collection, engine)


def _config(collection: Collection) -> edge.EdgeConfig:
    """All vectors are searched, by a copy of 4 bits a dimension (see `shard_points`): it finds what
    a graph misses, and needs no building. What was written without one gets its copy by `tidy`.
    """
    copy = edge.TurboQuantQuantizationConfig(
        bits=edge.TurboQuantBitSize.Bits4, memory=edge.Memory.Pinned
    )
    size = collection.space.dimensions
    dense = edge.EdgeVectorParams(size, edge.Distance.Cosine, quantization_config=copy)
    return edge.EdgeConfig(
        vectors={"dense": dense},
        sparse_vectors=_sparse_params(collection),
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=0),
    )


def _sparse_params(collection: Collection) -> dict[str, edge.EdgeSparseVectorParams]:
    params = {"bm25": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)}
    return params | ({"sparse": edge.EdgeSparseVectorParams()} if collection.space.sparse else {})


def describe(folder: Path) -> Collection:
    return collection_from_json(folder.name, _read(folder))


def load(folder: Path) -> Shard:
    collection = describe(folder)
    with engine_errors(collection.name, folder):
        engine = edge.EdgeShard.load(str(folder / _engine(_read(folder))), _config(collection))
    opened = Shard(folder, collection, engine)
    opened.recover()
    return opened


def is_collection(folder: Path) -> bool:
    return (folder / _DESCRIPTION).is_file()


def remove(folder: Path) -> None:
    """Its description first, so that what is half removed is no collection."""
    (folder / _DESCRIPTION).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


def swap(folder: Path, other: Path) -> None:
    """`folder` takes over the engine of `other`, which is gone then. Both are closed.

    Whoever dies in the midst of it leaves the old collection or the new, and at most a folder
    that nothing refers to.
    """
    made = _engine(_read(other))
    collection = replace(describe(other), name=folder.name)
    engine = f"{_ENGINE}-{token_hex(4)}"
    folder.mkdir(exist_ok=True)
    (other / _DESCRIPTION).unlink()
    (other / made).rename(folder / engine)
    _write(folder, collection, engine)
    for left in folder.iterdir():
        if left.is_dir() and left.name != engine:
            shutil.rmtree(left)
    shutil.rmtree(other)


def _read(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
    return found


def _write(folder: Path, collection: Collection, engine: str = _ENGINE) -> None:
    write_durably(folder / _DESCRIPTION, json.dumps({**collection.to_json(), "engine": engine}))


def _engine(description: Mapping[str, object]) -> str:
    return str(description.get("engine", _ENGINE))
