"""Where a long run is: a calm block on a terminal, a plain line every few seconds elsewhere."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from domain.counted import counted
from domain.ingestion import Progress
from forebay.figures import about, duration, rate
from forebay.names import harmless, shortened
from forebay.pace import Pace, Rates

_LINE_EVERY = 5.0  # seconds
_QUIET = 0.5  # seconds: what is done by then shows no block
_FRAMES = 4  # a second
_BAR, _LEAST_BAR = 40, 10  # cells
_BESIDE = 55  # cells for what is said beside the bar
_NAME, _LEAST_NAME = 100, 10  # cells for the slowest document in a log

Listener = Callable[[Progress], None]


@contextmanager
def display(console: Console) -> Iterator[Listener]:
    """The listener may be called as often as one likes."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield Lines(console)
        return
    block = Block()
    with Live(block, console=console, transient=True, refresh_per_second=_FRAMES):
        yield block.tell


class Block:
    """Four lines that are rendered a few times a second, whatever is told in between."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._start = clock()
        self._pace = Pace()
        self._latest: Progress | None = None
        self._told = self._start

    def tell(self, progress: Progress) -> None:
        self._latest, self._told = progress, self._clock()

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        now, width, progress = self._clock(), options.max_width, self._latest
        if now - self._start < _QUIET:
            return
        if progress is None or not (progress.total or progress.waiting):
            yield _line("looking for what has changed …", style="dim")
            return
        self._pace.tell(progress, now)
        progress = replace(
            progress, slowest_seconds=progress.slowest_seconds + now - self._told
        )  # it may be silent for long
        yield _bar(progress, _left(progress, self._pace), width)
        speeds = [*_speeds(self._pace.rates()), duration(now - self._start)]
        yield _line(_fitting(speeds, width))
        yield _line(_fitting(_queues(progress), width))
        if progress.waiting:
            waiting = shortened(f"waiting: {harmless(progress.waiting)}", width)
            yield _line(waiting, style="yellow")
        else:
            yield _line(_slowest(progress, width))


class Lines:
    """For a log: all facts in one line, at most one in five seconds; a wait is said at once."""

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        self._console = console
        self._clock = clock
        self._pace = Pace()
        self._spoke = self._warned = clock()
        self._warned -= _LINE_EVERY
        self._waits = False

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        self._pace.tell(progress, now)
        begins, self._waits = bool(progress.waiting) and not self._waits, bool(progress.waiting)
        if begins and now - self._warned >= _LINE_EVERY:
            self._warned = now
        elif now - self._spoke < _LINE_EVERY:
            return
        self._spoke = now
        self._console.print(Text(_sentence(progress, self._pace)), soft_wrap=True)


def _sentence(progress: Progress, pace: Pace) -> str:
    parts = [f"{_done(progress)}, {counted(progress.chunks, 'chunk')}"]
    if progress.waiting:
        parts.append(f"waiting: {harmless(progress.waiting)}")
    elif left := _left(progress, pace):
        parts.append(left)
    parts += [", ".join(_speeds(pace.rates())), ", ".join(_queues(progress))]
    parts.append(_slowest(progress, _NAME))
    return "; ".join(part for part in parts if part)


def _bar(progress: Progress, left: str, width: int) -> Table:
    """A bar of the same length from the first to the last, if there is room for one."""
    room = min(_BAR, width - _BESIDE)
    row = Table.grid(padding=(0, 1, 0, 0))
    said = [_done(progress), *filter(None, [left])]
    if room < _LEAST_BAR:
        row.add_row(_line(_fitting(said, width)))
    else:
        total = max(progress.total, 1)
        bar = ProgressBar(total=total, completed=progress.done, width=room)
        row.add_row(bar, _line(_fitting(said, width - room - 1)))
    return row


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _done(progress: Progress) -> str:
    return f"{progress.done:,} of {counted(progress.total, 'document')}"


def _left(progress: Progress, pace: Pace) -> str:
    """Nothing while it waits: nobody knows for how long."""
    seconds = pace.seconds_left(progress.total - progress.done)
    if seconds is None or progress.waiting or progress.done >= progress.total:
        return ""
    return f"{about(seconds)} left"


def _speeds(rates: Rates | None) -> list[str]:
    if rates is None:
        return []
    return [
        f"{rate(rates.documents)} documents/s",
        f"{rate(rates.chunks)} chunks/s",
        f"{rate(rates.size / 1_000_000)} MB/s",
    ]


def _queues(progress: Progress) -> list[str]:
    queues = [f"{queue.stage} {queue.length:,}" for queue in progress.queues]
    return [f"queued: {queues[0]}", *queues[1:]] if queues else []


def _slowest(progress: Progress, width: int) -> str:
    if not progress.slowest:
        return ""
    head, tail = "slowest: ", f", {duration(progress.slowest_seconds)}"
    room = max(_LEAST_NAME, width - len(head) - len(tail))
    return f"{head}{shortened(harmless(progress.slowest), room)}{tail}"


def _fitting(parts: Sequence[str], width: int) -> str:
    """As many of them, from the first on, as there is room for."""
    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if line and cell_len(longer) > width:
            break
        line = longer
    return line
