"""A labelled data set: what to ingest, what to ask, and what a right answer is.

Three layouts, told apart by what lies in the folder:
  judgements  corpus.jsonl[.gz] beside qrels/test.tsv (BEIR), or qrels.txt / NAME.qrels (TREC)
  spans       questions.jsonl with gold spans of documents; these are corpus.jsonl[.gz] or corpora/
  both        judgements, and spans of the same corpus.jsonl
A path to a questions.jsonl means its spans, whatever lies beside it. Ingests and asks nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from domain.errors import InvalidInput
from domain.ids import fingerprint
from eval import labels
from eval.labels import Qrels, Span, Spans

_CORPUS = ("corpus.jsonl", "corpus.jsonl.gz")
_QUERIES = ("queries.jsonl", "queries.tsv", "questions.jsonl")
_QUESTIONS = "questions.jsonl"
_LAYOUTS = (
    "A data set is corpus.jsonl, queries.jsonl and qrels/test.tsv (or qrels.txt, or NAME.qrels); "
    "or questions.jsonl with gold spans beside corpus.jsonl or a folder corpora."
)


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    corpus: Path  # a file of records, or a folder of files
    queries: Mapping[str, str]  # only those with judgements
    qrels: Qrels
    spans: Spans = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Of questions and labels: only what was measured by the same may be compared."""
        parts = (
            f"{query}\x00{text}\x00{sorted(self.qrels.get(query, {}).items())}"
            f"\x00{self.spans.get(query)}"
            for query, text in sorted(self.queries.items())
        )
        return fingerprint(*parts)


def load(path: Path, limit: int | None = None) -> Dataset:
    """`limit`: so many of its questions, always the same ones."""
    if path.name == _QUESTIONS and path.is_file():
        dataset = _with_spans(path.parent)
    elif not path.is_dir():
        raise InvalidInput(f"There is no folder {path}.", field="data")
    elif judgements := _judgements(path):
        dataset = _judged(path, judgements)
    elif (path / _QUESTIONS).is_file():
        dataset = _with_spans(path)
    else:
        raise InvalidInput(f"{path} has no qrels/test.tsv. {_LAYOUTS}", field="data")
    return dataset if limit is None else sample(dataset, limit)


def unjudged(path: Path) -> Dataset:
    """All of its questions; those with judgements or gold spans have them."""
    if not path.is_dir():
        raise InvalidInput(f"There is no folder {path}.", field="data")
    queries, own = labels.queries(_existing(path, *_QUERIES)), path / _QUESTIONS
    if _judgements(path) or (own.is_file() and labels.spans(own)):
        known = load(path)
        return replace(known, queries=queries | dict(known.queries))
    return Dataset(path.resolve().name, _existing(path, *_CORPUS), queries, qrels={})


def sample(dataset: Dataset, limit: int) -> Dataset:
    """By the hash of their ids: a sample of any size is part of every larger one."""
    ordered = sorted(dataset.queries, key=lambda query: sha256(query.encode()).digest())
    kept = set(ordered[:limit])
    return replace(
        dataset,
        queries={key: text for key, text in dataset.queries.items() if key in kept},
        qrels={key: grades for key, grades in dataset.qrels.items() if key in kept},
        spans={key: spans for key, spans in dataset.spans.items() if key in kept},
    )


def _judged(folder: Path, judgements: Path) -> Dataset:
    qrels = labels.qrels(judgements)
    asked = _existing(folder, *_QUERIES)
    queries = labels.queries(asked)
    missing = sorted(qrels.keys() - queries.keys())
    if missing:
        raise InvalidInput(
            f"{judgements} judges query '{missing[0]}', which {asked.name} lacks.", field="data"
        )
    spans = _own_spans(folder)
    return Dataset(
        name=folder.resolve().name,
        corpus=_existing(folder, *_CORPUS),
        queries={query: queries[query] for query in qrels},
        qrels=qrels,
        spans={query: spans[query] for query in qrels if query in spans},
    )


def _with_spans(folder: Path) -> Dataset:
    """A document is as relevant as any that holds a gold span."""
    path = folder / _QUESTIONS
    queries, spans = labels.queries(path), labels.spans(path)
    if not spans:
        raise InvalidInput(f"{path} has no question with gold spans.", field="data")
    corpus = folder / "corpora"
    if corpus.is_dir():
        spans = _named_as_files(spans, corpus, path)
    else:
        corpus = _existing(folder, *_CORPUS)
    name = folder.resolve().name
    return Dataset(
        name=f"{name}-spans" if _judgements(folder) else name,
        corpus=corpus,
        queries={query: queries[query] for query in spans},
        qrels={query: {span.source: 1 for span in own} for query, own in spans.items()},
        spans=spans,
    )


def _own_spans(folder: Path) -> Spans:
    """Where there are corpora, questions.jsonl speaks of those and not of corpus.jsonl."""
    path = folder / _QUESTIONS
    return labels.spans(path) if path.is_file() and not (folder / "corpora").is_dir() else {}


def _named_as_files(spans: Spans, corpus: Path, path: Path) -> Spans:
    """Sources may leave the suffix of their file out."""
    files = sorted(file for file in corpus.rglob("*") if file.is_file())
    names = [file.relative_to(corpus) for file in files]
    known = {name.with_suffix("").as_posix(): name.as_posix() for name in names}
    known |= {name.as_posix(): name.as_posix() for name in names}

    def named(span: Span) -> Span:
        if span.source not in known:
            raise InvalidInput(
                f"{path} names the source '{span.source}', which {corpus} does not hold.",
                field="data",
            )
        return replace(span, source=known[span.source])

    return {query: tuple(map(named, own)) for query, own in spans.items()}


def _judgements(folder: Path) -> Path | None:
    own = sorted(folder.glob("*.qrels"))
    places = (folder / "qrels" / "test.tsv", folder / "qrels.txt", *own)
    return next((place for place in places if place.is_file()), None)


def _existing(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InvalidInput(f"{folder} has no {' or '.join(names)}. {_LAYOUTS}", field="data")
