"""What came of an ingestion: for a person, for a machine, and as a file.

Knows nothing of how it came about.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.counted import counted
from domain.errors import InvalidInput, Misconfigured
from domain.ingestion import IngestReport, Outcome, State
from forebay.figures import dollars, took
from forebay.names import harmless
from wiring.codec import to_json

_FAILURES, _REMOVALS = 100, 20  # that are shown; the report has all
_STYLES: dict[State, str] = {
    "added": "green",
    "changed": "yellow",
    "removed": "magenta",
    "failed": "red",
}


def as_json(report: IngestReport, *, indent: int | None = None) -> str:
    """The report, with its counts before it."""
    counts = {state: report.count(state) for state in get_args(State)}
    whole = {"counts": counts, **json.loads(to_json(report))}
    return json.dumps(whole, ensure_ascii=False, indent=indent)


def check_writable(file: Path) -> None:
    """Said before a long run, not after it."""
    if file.is_dir():
        raise InvalidInput(f"--report {file} is a folder; name a file in it.", field="report")
    if not file.absolute().parent.is_dir():
        raise InvalidInput(
            f"--report {file} cannot be written: there is no folder {file.absolute().parent}. "
            "Make it, or name another.",
            field="report",
        )


def write(report: IngestReport, file: Path) -> None:
    """Whole or not at all: whoever reads it never sees half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_text(f"{as_json(report, indent=2)}\n", "utf-8")
        draft.replace(file)
    except OSError as error:
        raise Misconfigured(f"The report {file} cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


def show(console: Console, report: IngestReport, collection: str) -> None:
    _failures(console, report.failed)
    _removals(console, report)
    _say(console, f"Collection {collection}: {summary(report)}")


def plan(console: Console, report: IngestReport, collection: str) -> None:
    """What a run would do, one line a document that it would touch."""
    for state in ("added", "changed", "removed", "failed"):
        for outcome in _of(report, state):
            reason = f": {outcome.reason}" if outcome.reason else ""
            line = Text(f"{state:8}", style=_STYLES[state])
            line.append(f" {harmless(outcome.source + reason)}", style="default")
            console.print(line, soft_wrap=True, highlight=False)
    _say(console, f"unchanged: {report.count('unchanged'):,}")
    said = ", ".join(_counts(report, ("added", "changed", "removed", "failed"))) or "nothing to do"
    _say(console, f"Collection {collection} would have: {said}. Nothing was changed.")


def summary(report: IngestReport) -> str:
    """One line: what came of the documents, what it took."""
    counts = ", ".join(_counts(report, ("added", "changed", "unchanged", "removed", "failed")))
    parts = [counts or "no documents"]
    if report.chunks:
        cached = max(0, report.chunks - report.embedded)
        parts.append(counted(report.chunks, "chunk"))
        parts[-1] += f", {report.embedded:,} embedded, {cached:,} from the cache"
    if report.cost_microdollars:
        parts.append(f"{report.tokens:,} tokens for {dollars(report.cost_microdollars)}")
    return f"{'; '.join(parts)}; {took(report.seconds)}."


def changes(report: IngestReport) -> str:
    """What a sync of a watched folder did, without what it left alone; empty: nothing."""
    counts = ", ".join(_counts(report, ("added", "changed", "removed")))
    chunks = f"; {counted(report.chunks, 'chunk')}" if report.chunks else ""
    return f"{counts}{chunks} in {took(report.seconds)}" if counts else ""


def _failures(console: Console, failed: Sequence[Outcome]) -> None:
    """A table for the eye; in a log a line each, to be searched."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="red", overflow="fold")
    table.add_column(overflow="fold")
    for outcome in failed[:_FAILURES]:
        name, reason = f"failed {harmless(outcome.source)}", harmless(outcome.reason)
        if console.is_terminal:
            table.add_row(Text(name), Text(reason))
        else:
            _say(console, f"{name}: {reason}")
    if table.row_count:
        console.print(table, highlight=False)
    _more(console, len(failed) - _FAILURES)


def _removals(console: Console, report: IngestReport) -> None:
    removed = _of(report, "removed")
    for outcome in removed[:_REMOVALS]:
        _say(console, f"removed {harmless(outcome.source)}")
    _more(console, len(removed) - _REMOVALS)


def _more(console: Console, count: int) -> None:
    if count > 0:
        _say(console, f"… and {count:,} more; --report FILE lists all.")


def _of(report: IngestReport, state: State) -> list[Outcome]:
    return [outcome for outcome in report.outcomes if outcome.state == state]


def _counts(report: IngestReport, states: tuple[State, ...]) -> list[str]:
    return [f"{count:,} {state}" for state in states if (count := report.count(state))]


def _say(console: Console, line: str) -> None:
    console.print(Text(line), soft_wrap=True, highlight=False)
