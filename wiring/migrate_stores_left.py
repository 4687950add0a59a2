"""What a migration leaves in the data directory, and what that is good for."""

from dataclasses import dataclass
from pathlib import Path

_BLOCK = 512  # bytes: files of the engine are sparse, their length says little
_MEANS = {
    "cache": "what was embedded and asked before; fills again where it is missing",
    "uploads": "files whose jobs wait; the service with this directory does them",
    "eval": "runs and reports of evaluations",
}
_PASSING = ("lock", "owner.json", "migration.json")
_BESIDE = (".lock", "-wal", "-shm")  # of the state's file


@dataclass(frozen=True, slots=True)
class Left:
    name: str
    size: int  # bytes on the disk
    why: str


def left(data: Path, *, chunks: bool, state: bool) -> tuple[Left, ...]:
    """`chunks`, `state`: whether they are moved."""
    means = {
        **_MEANS,
        "collections": "the chunks, as they were" if chunks else "the chunks: not moved",
        "state.db": "the state, as it was" if state else "the state: not moved",
    }
    return tuple(
        Left(path.name, size(path), means.get(path.name, "not moved"))
        for path in sorted(data.iterdir())
        if path.name not in _PASSING and not path.name.endswith(_BESIDE)
    )


def size(path: Path) -> int:
    """Bytes on the disk."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(file.stat().st_blocks * _BLOCK for file in files)
