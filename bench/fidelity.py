"""How much of real files comes through: sentences, headings and table rows, whole in one chunk.

    python -m bench.fidelity FOLDER

FOLDER holds `files/`, what is expected of them in `expected.jsonl`, and `score.py`, which reads
chunks as `forebay export --chunks` prints them. Both sides cut at about 500 tokens: Forebay by
its commands in a data directory of its own, and `unstructured` by its own partition and chunker.
What that cannot read counts as missing. Ends with 1 below any of the bars.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter
from rich.console import Console
from rich.table import Table

from bench.command import ROOT

TOKENS = 500
SENTENCES, HEADINGS, ROWS, MUST_NOT = 0.97, 0.95, 0.95, 3
_LONGEST = 3600  # seconds
_DONE, _DONE_WITH_FAILURES = 0, 3
_ALL = "ALL"


class Score(BaseModel):
    """Of one format, as score.py says it; shares are None where nothing is expected."""

    files: int
    empty: int  # files that gave nothing
    sentences: float | None = Field(alias="sent")
    headings: float | None = Field(alias="head")
    rows: float | None = Field(alias="row")
    must_not: int = Field(alias="bad")


Scores = Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Figures:
    files: int
    tokens: int
    sentences: float
    headings: float
    rows: float
    must_not: int
    unread: int
    unstructured_sentences: float
    unstructured_headings: float
    unstructured_rows: float
    unstructured_must_not: int
    unstructured_unread: int
    met: bool


class Stopped(Exception):
    """A command did not do what was to be measured; there is no figure."""


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else None
    if folder is None or not (folder / "score.py").is_file():
        print("Name a folder with files/, expected.jsonl and score.py.", file=sys.stderr)
        return 2
    console = Console()
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        shutil.copytree(folder / "files", place / "tree" / "files")
        try:
            ours = score(folder, forebay(place / "tree", place / "data", console))
            theirs = score(folder, unstructured(place / "tree", place / "data", console))
        except Stopped as error:
            print(error, file=sys.stderr)
            return 2
    figures = summary(ours[_ALL], theirs[_ALL])
    show(console, ours, theirs)
    print(json.dumps(asdict(figures)))
    return int(not figures.met)


def forebay(tree: Path, data: Path, console: Console) -> list[str]:
    command = [sys.executable, "-m", "forebay"]
    settings = {"FOREBAY_DATA": str(data)}
    size = ("--chunk-tokens", str(TOKENS))
    console.print("forebay ingest …")
    said = run([*command, "ingest", str(tree), *size, "--yes", "--json"], settings)
    for outcome in json.loads(said)["outcomes"]:
        if outcome["state"] == "failed":
            console.print(f"  unread: {outcome['source']}: {outcome['reason']}", markup=False)
    return run([*command, "export", "--chunks"], settings).split("\n")


def unstructured(tree: Path, data: Path, console: Console) -> list[str]:
    """With the vocabulary that Forebay has unpacked."""
    console.print("unstructured …")
    command = [sys.executable, "-m", "bench.peers.with_unstructured"]
    ranks = data / "cache" / "tiktoken"
    lines = run([*command, str(tree), str(TOKENS), str(ranks)], {}).split("\n")
    unread = defaultdict(list)
    for line in filter(None, lines):
        said = json.loads(line)
        if "reason" in said:
            unread[said["reason"]].append(said["file"])
    for reason, files in unread.items():
        console.print(f"  unread: {', '.join(files)}: {reason}", markup=False, highlight=False)
    return lines


def score(folder: Path, lines: Sequence[str]) -> Scores:
    chunks = "\n".join(line for line in lines if '"text"' in line)
    said = run([sys.executable, str(folder / "score.py"), "--json"], {}, chunks)
    return TypeAdapter(dict[str, Score]).validate_json(said)


def run(command: Sequence[str], settings: Mapping[str, str], given: str = "") -> str:
    """What it prints. Settings of whoever runs the benchmark are kept from it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FOREBAY_", "OPENAI_"))}
    done = subprocess.run(
        command,
        input=given,
        env={**kept, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if done.returncode not in {_DONE, _DONE_WITH_FAILURES}:
        last = done.stderr[-2000:]
        raise Stopped(f"`{' '.join(command)}` ended with {done.returncode}:\n{last}")
    return done.stdout


def summary(ours: Score, theirs: Score) -> Figures:
    sentences, headings, rows = ours.sentences or 0, ours.headings or 0, ours.rows or 0
    return Figures(
        files=ours.files,
        tokens=TOKENS,
        sentences=round(sentences, 4),
        headings=round(headings, 4),
        rows=round(rows, 4),
        must_not=ours.must_not,
        unread=ours.empty,
        unstructured_sentences=round(theirs.sentences or 0, 4),
        unstructured_headings=round(theirs.headings or 0, 4),
        unstructured_rows=round(theirs.rows or 0, 4),
        unstructured_must_not=theirs.must_not,
        unstructured_unread=theirs.empty,
        met=sentences >= SENTENCES
        and headings >= HEADINGS
        and rows >= ROWS
        and ours.must_not <= MUST_NOT,
    )


def show(console: Console, ours: Scores, theirs: Scores) -> None:
    title = f"Whole in one chunk of {TOKENS} tokens: Forebay | unstructured"
    table = Table(title=title, box=None)
    table.add_column("format")
    for name in ("files", "unread", "sentences", "headings", "rows", "must not"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, one in ours.items():
        other = theirs[name]
        table.add_row(
            name,
            str(one.files),
            f"{one.empty} | {other.empty}",
            f"{_share(one.sentences)} | {_share(other.sentences)}",
            f"{_share(one.headings)} | {_share(other.headings)}",
            f"{_share(one.rows)} | {_share(other.rows)}",
            f"{one.must_not} | {other.must_not}",
        )
    console.print(
        table,
        f"Bars: sentences {SENTENCES}, headings {HEADINGS}, rows {ROWS}, "
        f"at most {MUST_NOT} of what must not be there.",
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
