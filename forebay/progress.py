"""Where a long run is: a live bar on a terminal, a plain line every few seconds elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from domain.ingestion import Progress

_LINE_EVERY = 5.0  # seconds
_FEW = 20  # documents

Listener = Callable[[Progress], None]


@contextmanager
def display(console: Console) -> Iterator[Listener]:
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[source]}"),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("documents", total=None, source="")

        def move(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.total, source=progress.source)

        yield move


def _lines(console: Console) -> Listener:
    start = spoke = monotonic()

    def say(progress: Progress) -> None:
        nonlocal spoke
        now = monotonic()
        if now - spoke < _LINE_EVERY or not progress.done:
            return
        spoke = now
        rate = progress.done / (now - start)
        left = (progress.total - progress.done) / rate
        line = f"{progress.done} of {progress.total} documents, {progress.chunks} chunks"
        if progress.done >= _FEW:  # before that the rate says nothing
            line += f", {rate:.1f} documents/s, about {left:.0f} s left"
        console.print(line, highlight=False)

    return say
