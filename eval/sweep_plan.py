"""What a sweep has yet to do: which cells were measured before, and which go together.

Knows files of results by their names alone. Searches nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from domain.ids import fingerprint
from eval.data import Dataset
from eval.result import SUFFIX, Made
from eval.sweep_grid import Cell, names, shown
from wiring.settings import Settings

_RANKED = 30  # passages at least: ten documents, also where a document has several chunks
_SPARE = 2  # times what is shown
_SHOWING = ("select.", "search.limit", "search.context_tokens")  # settings that find nothing
_MODELS = ("embed", "sparse")  # sections that no sweep goes over, and that change figures


@dataclass(frozen=True, slots=True)
class Plan:
    """Of one data set."""

    dataset: Dataset
    files: Mapping[str, Path]  # by cell: where its result lies, or will
    missing: tuple[Cell, ...]

    @property
    def questions(self) -> int:
        """That will be asked."""
        return len(self.dataset.queries) * len(searches(self.missing))


def plan(datasets: Sequence[Dataset], cells: Sequence[Cell], made: Made, out: Path) -> list[Plan]:
    """A result is of just these questions, texts, settings, version and commit, or is another."""
    return [_plan(dataset, cells, made, out) for dataset in datasets]


def by_opening(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Those of one list need the same models and indexes."""
    return _grouped(cells, lambda own: repr((own.rerank, own.search.lexical)))


def by_chunking(cells: Iterable[Cell]) -> list[list[Cell]]:
    return _grouped(cells, lambda own: f"{own.chunk.max_tokens} {own.chunk.overlap}")


def searches(cells: Iterable[Cell]) -> list[list[Cell]]:
    """Those of one list find the same."""
    finding = [name for name in names() if not name.startswith(_SHOWING)]
    return _grouped(cells, lambda own: repr([ranked(own), *(shown(own, name) for name in finding)]))


def ranked(settings: Settings) -> int:
    """How many passages are looked at."""
    return max(_RANKED, _SPARE * settings.search.limit)


def named(settings: Settings) -> dict[str, str]:
    """All that can change a figure."""
    others = {name: repr(getattr(settings, name)) for name in _MODELS}
    others["search.boost"] = str(settings.search.boost)
    return {name: shown(settings, name) for name in names()} | others


def _grouped(cells: Iterable[Cell], key: Callable[[Settings], str]) -> list[list[Cell]]:
    found: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        found[key(cell.settings)].append(cell)
    return list(found.values())


def _plan(dataset: Dataset, cells: Sequence[Cell], made: Made, out: Path) -> Plan:
    same = (dataset.fingerprint, *_texts(dataset.corpus), made.version, made.commit)
    files = {
        cell.name: out / f"{dataset.name}.{_fingerprint(cell, same)}{SUFFIX}" for cell in cells
    }
    return Plan(dataset, files, tuple(cell for cell in cells if not files[cell.name].exists()))


def _fingerprint(cell: Cell, same: Sequence[str]) -> str:
    settings = (f"{name}={value}" for name, value in named(cell.settings).items())
    return fingerprint(*same, *settings)


def _texts(corpus: Path) -> Iterator[str]:
    files = sorted(corpus.rglob("*")) if corpus.is_dir() else [corpus]
    for file in (file for file in files if file.is_file()):
        with file.open("rb") as opened:
            yield f"{file.name} {file_digest(opened, 'sha256').hexdigest()}"
