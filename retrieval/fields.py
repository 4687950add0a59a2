"""Which fields of a chunk have an index of their own: a filter on another reads every payload.

An index holds words or numbers, whichever the first value is that was seen; filters stay right
where a field has both, and slow for the other. Knows no engine.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from domain.documents import Chunk, Metadata
from domain.filters import RESERVED_FIELDS, Equals, Filter
from retrieval.points import field_path

Kind = Literal["keyword", "float"]

_MOST = 64  # that a collection gets while it is written, as each takes room; see `unindexed`


def of_written(chunks: Iterable[Chunk], indexed: Collection[str]) -> dict[str, Kind]:
    """The indexes that the metadata of these is in want of, by field."""
    wanted: dict[str, Kind] = {}
    for chunk in chunks:
        for field in chunk.metadata:
            if field not in wanted and _can_be_asked(field) and path(field) not in indexed:
                wanted[field] = kind(chunk, field)
    return dict(list(wanted.items())[: max(0, _MOST - len(indexed))])


def unindexed(where: Filter, indexed: Collection[str]) -> list[str]:
    """Fields that are asked for and have none. Booleans have that of the flags."""
    asked = (
        condition.field
        for condition in where
        if not (isinstance(condition, Equals) and isinstance(condition.value, bool))
    )
    return [field for field in dict.fromkeys(asked) if path(field) not in indexed]


def kind(chunk: Chunk, field: str) -> Kind:
    """Whole numbers are looked for as ranges: an index of them would lose those with a fraction."""
    values: Metadata = {"page": chunk.page or 0, **chunk.metadata}
    value = values.get(field, "")
    return "float" if isinstance(value, int | float) and not isinstance(value, bool) else "keyword"


def paths(schema: Mapping[str, object]) -> set[str]:
    """Of the indexes that an engine names; it quotes less than we do."""
    return {name.replace('"', "") for name in schema}


def path(field: str) -> str:
    return field_path(field).replace('"', "")


def _can_be_asked(field: str) -> bool:
    return bool(field) and '"' not in field and "\\" not in field and field not in RESERVED_FIELDS
