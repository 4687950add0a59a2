"""Documents to ingest: a corpus in BEIR's layout, or one made of the docstrings of Python itself.

A made document is sentences drawn at random, as many as real ones have: only speed is measured,
for which it is all one what they say. Knows nothing of Forebay.
"""

import ast
import gzip
import json
import math
import random
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

_LEFT_OUT = frozenset({"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_A_FOLDER = 100  # files
_SPREAD = 0.4  # of the logarithm of the number of words: as in abstracts of papers


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    title: str
    body: str


def corpus(data: Path | None, count: int) -> list[Text]:
    """The first `count` documents of a folder's corpus; without a folder they are made."""
    if data is None:
        return made(count, words=200, seed=1)
    return list(islice(_read(data), count))


def write_corpus(texts: list[Text], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = ({"_id": text.id, "title": text.title, "text": text.body} for text in texts)
    path = folder / "corpus.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def write_tree(texts: list[Text], folder: Path) -> Path:
    """A file each, Markdown and plain text by turns, a hundred in a folder."""
    for number, text in enumerate(texts):
        name = f"{text.id}.{('md', 'txt')[number % 2]}"
        path = folder / f"{number // _A_FOLDER:03}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {text.title}\n\n{text.body}\n", "utf-8")
    return folder


def made(count: int, *, words: int, seed: int) -> list[Text]:
    """`words`: of a document in the middle. The same arguments give the same documents."""
    chance = random.Random(seed)
    bank = _sentences()
    return [
        Text(f"{number:06}", _title(chance.choice(bank)), _body(bank, chance, words))
        for number in range(count)
    ]


def is_there(data: Path) -> bool:
    return _file(data).is_file()


def _file(data: Path) -> Path:
    plain = data / "corpus.jsonl"
    return plain if plain.is_file() else data / "corpus.jsonl.gz"


def _read(data: Path) -> Iterator[Text]:
    path = _file(data)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for row in map(json.loads, lines):
            yield Text(row["_id"], row.get("title") or "", row["text"])


def _title(sentence: str) -> str:
    return " ".join(sentence.split()[:12]).rstrip(".!?:;,")


def _body(bank: list[str], chance: random.Random, words: int) -> str:
    wanted = chance.lognormvariate(math.log(words), _SPREAD)
    sentences: list[str] = []
    have = 0
    while have < wanted:
        sentences.append(chance.choice(bank))
        have += len(sentences[-1].split())
    return " ".join(sentences)


@cache
def _sentences() -> list[str]:
    """Sorted, so that a seed means the same on every file system."""
    library = Path(sysconfig.get_path("stdlib"))
    paths = (p for p in library.rglob("*.py") if not _LEFT_OUT & set(p.relative_to(library).parts))
    said = {sentence for path in paths for text in _docstrings(path) for sentence in _split(text)}
    return sorted(said)


def _docstrings(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):  # templates, for one, are no modules
        return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented):
            yield ast.get_docstring(node) or ""


def _split(text: str) -> list[str]:
    """Sentences of prose; examples and tables are left out."""
    plain = (" ".join(part.split()) for part in text.split("\n\n") if ">>>" not in part)
    sentences = (sentence for part in plain for sentence in _SENTENCE.split(part))
    return [s for s in sentences if 5 <= len(s.split()) <= 60 and s[0].isupper()]
