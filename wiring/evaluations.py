"""What `forebay eval run` has left in the data directory: the measures, not the questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from wiring.codec import from_json

_KEPT = 500  # results that are read once
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    at: str
    version: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class _Result:
    data: str
    config: str
    made: _Made
    measures: Mapping[str, float]
    asked: Mapping[str, _Asked]
    documents: int | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    run: str
    data: str
    config: str
    at: str  # ISO 8601, UTC
    version: str
    commit: str
    questions: int
    documents: int | None
    measures: Mapping[str, float]
    ms_p50: float | None
    ms_p95: float | None


@dataclass(frozen=True, slots=True)
class Evaluations:
    evaluations: tuple[Evaluation, ...]  # the newest first
    unread: tuple[str, ...]  # files that are no results


def evaluations(data: Path) -> Evaluations:
    found: list[Evaluation] = []
    unread: list[str] = []
    folder = data / "eval" / "runs"
    newest = sorted(folder.glob("*/*.result.json"), key=lambda path: path.parent.name, reverse=True)
    for path in newest[:_SHOWN]:
        try:
            found.append(_read(path, path.stat().st_mtime_ns))
        except (OSError, ValidationError):
            unread.append(str(path.relative_to(folder)))
    return Evaluations(tuple(found), tuple(unread))


@lru_cache(_KEPT)
def _read(path: Path, changed: int) -> Evaluation:
    del changed  # another time is another file
    result = from_json(_Result, path.read_bytes())
    times = sorted(one.seconds for one in result.asked.values() if one.seconds is not None)
    return Evaluation(
        run=path.parent.name,
        data=result.data,
        config=result.config,
        at=result.made.at,
        version=result.made.version,
        commit=result.made.commit,
        questions=len(result.asked),
        documents=result.documents,
        measures=result.measures,
        ms_p50=_at(times, 0.5),
        ms_p95=_at(times, 0.95),
    )


def _at(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]
