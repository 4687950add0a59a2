"""TREC run files, `query Q0 document rank score tag`: what was found, for any other tool.

A ranking is a sequence of documents, best first. The file's score says the rank and nothing else,
so that every reader keeps our order: hits may stand in another order than their scores.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.errors import InvalidInput

Ranking = Mapping[str, Sequence[str]]  # query → documents, best first
_FIELDS = 6


def write_run(path: Path, ranking: Ranking, tag: str) -> None:
    lines = [
        f"{query} Q0 {document} {rank} {1 / rank:.6f} {tag}\n"
        for query, documents in ranking.items()
        for rank, document in enumerate(documents, start=1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def read_run(path: Path) -> Ranking:
    """By score, then by rank; a document that is there twice counts once."""
    if not path.is_file():
        raise InvalidInput(f"There is no run file {path}.", field="run")
    found: dict[str, list[tuple[float, int, str]]] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                query, *rest = _fields(line, f"{path}, line {number}")
                found.setdefault(str(query), []).append(_placed(rest, f"{path}, line {number}"))
    return {
        query: tuple(dict.fromkeys(document for _, _, document in sorted(own)))
        for query, own in found.items()
    }


def _fields(line: str, where: str) -> tuple[str, str, str, str]:
    """A document's name may hold spaces: ours are paths."""
    parts = line.split()
    if len(parts) < _FIELDS:
        raise InvalidInput(f"{where}: 'query Q0 document rank score tag' is expected.", field="run")
    return parts[0], " ".join(parts[2:-3]), parts[-3], parts[-2]


def _placed(rest: Sequence[str], where: str) -> tuple[float, int, str]:
    document, rank, score = rest
    try:
        return -float(score), int(rank), document
    except ValueError as error:
        raise InvalidInput(f"{where}: rank and score have to be numbers.", field="run") from error
