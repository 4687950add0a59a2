"""Where a migration is: a bar a part on a terminal, a plain line every few seconds elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from forebay.figures import about, rate

if TYPE_CHECKING:
    from wiring.migrate_stores_tally import Listener, Step

_LINE_EVERY = 5.0  # seconds
_SOON = 0.5  # seconds; before that a rate says nothing


@contextmanager
def display(console: Console) -> "Iterator[Listener]":
    if not console.is_terminal or console.is_dumb_terminal:
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[things]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bars(progress)


class Bars:
    """One at a time: what is done makes room."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._what = ""
        self._bar: TaskID | None = None

    def __call__(self, step: "Step") -> None:
        if step.what != self._what or self._bar is None:
            if self._bar is not None:
                self._progress.remove_task(self._bar)
            self._bar = self._progress.add_task(step.what, things=step.things)
            self._what = step.what
        self._progress.update(self._bar, completed=step.done, total=step.total)


class Lines:
    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        self._console = console
        self._clock = clock
        self._first: Step | None = None
        self._start = self._spoke = clock()

    def __call__(self, step: "Step") -> None:
        now = self._clock()
        if self._first is None or step.what != self._first.what:
            self._first, self._start = step, now
        if now - self._spoke < _LINE_EVERY:
            return
        self._spoke = now
        said = f"{step.what}: {step.done:,} of {step.total:,} {step.things}"
        seconds, done = now - self._start, step.done - self._first.done
        if done and seconds > _SOON:
            left = (step.total - step.done) * seconds / done
            said += f"; {rate(done / seconds)} {step.things}/s, {about(left)} left"
        self._console.print(Text(said), soft_wrap=True)
