"""A retrieval data set in BEIR's layout: corpus.jsonl[.gz], queries.jsonl, qrels/test.tsv."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InvalidInput

Qrels = Mapping[str, Mapping[str, int]]  # query → document → grade


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    corpus: Path
    queries: Mapping[str, str]  # only those with judgements
    qrels: Qrels


def load(folder: Path) -> Dataset:
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}.", field="data")
    qrels = _qrels(_existing(folder, "qrels/test.tsv"))
    queries = _queries(_existing(folder, "queries.jsonl"))
    missing = sorted(qrels.keys() - queries.keys())
    if missing:
        raise InvalidInput(
            f"{folder / 'qrels/test.tsv'} judges query '{missing[0]}', which queries.jsonl lacks.",
            field="data",
        )
    return Dataset(
        name=folder.resolve().name,
        corpus=_existing(folder, "corpus.jsonl", "corpus.jsonl.gz"),
        queries={query: queries[query] for query in qrels},
        qrels=qrels,
    )


def _existing(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InvalidInput(
        f"{folder} has no {' or '.join(names)}: a data set in BEIR's layout is expected.",
        field="data",
    )


def _queries(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines if line.strip())
        try:
            return {str(row["_id"]): str(row["text"]) for row in rows}
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"{path} is not JSON lines with _id and text: {error}.") from error


def _qrels(path: Path) -> Qrels:
    found: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t")
        next(rows, None)  # the header
        try:
            for query, document, grade in rows:
                found.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise InvalidInput(
                f"{path}, line {rows.line_num}: query, document and grade are expected, "
                "parted by tabs."
            ) from error
    if not found:
        raise InvalidInput(f"{path} holds no judgements.", field="data")
    return found
