"""What a run leaves behind: one JSON file a data set and system, enough to compare and to draw.

Holds no logic of measuring. Encode and decode are pydantic's, in wiring/codec.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from domain.errors import InvalidInput
from wiring.codec import from_json, to_json

SUFFIX = ".result.json"


@dataclass(frozen=True, slots=True)
class Text:
    """What a person needs to recognise a document or a passage."""

    title: str
    text: str  # its beginning


@dataclass(frozen=True, slots=True)
class Ranked:
    document: str
    grade: int | None  # None: nobody judged it
    text: str = ""  # key into the result's texts; empty: the document itself


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, where answers were measured."""

    text: str
    found: bool  # False: "not in these documents"
    cited: tuple[str, ...]  # documents, in the order of the answer
    cost_microdollars: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it."""

    question: str
    measures: Mapping[str, float]
    top: tuple[Ranked, ...]
    gold: tuple[Ranked, ...]
    seconds: float | None = None
    stages: Mapping[str, float] | None = None  # seconds
    tokens: int | None = None  # that would be shown
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """When and of what."""

    at: str  # ISO 8601, UTC
    version: str
    commit: str  # empty: not a checkout
    settings: Mapping[str, str]  # all that can change a figure
    ingest_seconds: float | None = None
    seconds: float | None = None  # all questions
    cost_microdollars: int = 0  # of all questions


@dataclass(frozen=True, slots=True)
class Result:
    data: str
    config: str  # the system: a search config, or the name of a run file
    made: Made
    judgements: str  # fingerprint of questions and labels
    measures: Mapping[str, float]
    asked: Mapping[str, Asked]  # by query
    texts: Mapping[str, Text]
    documents: int | None = None  # None: a run file, of which nobody knows
    chunks: int | None = None
    lost_spans: int = 0  # gold that is in no ingested text
    notes: Mapping[str, int] = field(default_factory=dict)  # what did not go as asked: questions

    @property
    def latencies(self) -> tuple[float, ...]:
        """Milliseconds, shortest first; none of a run file."""
        known = (asked.seconds for asked in self.asked.values() if asked.seconds is not None)
        return tuple(sorted(seconds * 1000 for seconds in known))

    @property
    def recall_per_1000(self) -> float | None:
        """Mean recall of what is shown, by mean thousands of tokens shown."""
        tokens = [asked.tokens for asked in self.asked.values() if asked.tokens is not None]
        recall = self.measures.get("Span R", self.measures.get("Shown R"))
        return recall * 1000 * len(tokens) / sum(tokens) if recall and sum(tokens) else None


@dataclass(frozen=True, slots=True)
class Summary:
    """A result without its questions."""

    data: str
    config: str
    queries: int
    documents: int | None
    chunks: int | None
    lost_spans: int
    notes: Mapping[str, int]
    measures: Mapping[str, float]
    recall_per_1000: float | None
    query_ms_p50: float | None
    query_ms_p95: float | None
    made: Made
    file: str


@dataclass(frozen=True, slots=True)
class Runs:
    out: str  # the folder of results and run files
    runs: tuple[Summary, ...]


def summary(result: Result, folder: Path) -> Summary:
    times = result.latencies
    return Summary(
        data=result.data,
        config=result.config,
        queries=len(result.asked),
        documents=result.documents,
        chunks=result.chunks,
        lost_spans=result.lost_spans,
        notes=result.notes,
        measures=result.measures,
        recall_per_1000=result.recall_per_1000,
        query_ms_p50=quantile(times, 0.5),
        query_ms_p95=quantile(times, 0.95),
        made=result.made,
        file=str(folder / f"{file_name(result)}{SUFFIX}"),
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest value that was measured."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def save(result: Result, folder: Path) -> Path:
    return save_as(result, folder / f"{file_name(result)}{SUFFIX}")


def save_as(result: Result, path: Path) -> Path:
    """Whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(to_json(result))
    return draft.replace(path)


def file_name(result: Result) -> str:
    return f"{result.data}.{result.config}"


def read(path: Path) -> Result:
    try:
        return from_json(Result, path.read_bytes())
    except ValidationError as error:
        raise InvalidInput(
            f"{path} is not a result of `forebay eval run`.", field="result"
        ) from error


def collect(where: Iterable[str]) -> list[Result]:
    """Of files, folders and FOLDER@CONFIG; the newest of each data set and config."""
    newest: dict[tuple[str, str], Result] = {}
    for place in where:
        for result in _of(place):
            key = result.data, result.config
            if key not in newest or newest[key].made.at <= result.made.at:
                newest[key] = result
    return list(newest.values())


def _of(place: str) -> Sequence[Result]:
    path, at, config = place.rpartition("@") if not Path(place).exists() else (place, "", "")
    results = [read(file) for file in _files(Path(path if at else place))]
    chosen = [result for result in results if not at or result.config == config]
    if not chosen:
        known = ", ".join(sorted({result.config for result in results}))
        raise InvalidInput(f"{path} has no result of '{config}'; it has {known}.", field="result")
    return chosen


def _files(path: Path) -> Sequence[Path]:
    if path.is_file():
        return (path,)
    found = sorted(path.rglob(f"*{SUFFIX}"))
    if not found:
        raise InvalidInput(
            f"There is no result in {path}. `forebay eval run DATA --out {path}` makes some.",
            field="result",
        )
    return found
