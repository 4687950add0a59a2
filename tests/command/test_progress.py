"""Where a run is, as a person at a terminal sees it and as a log has it."""

import io
from collections.abc import Iterable
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from domain.ingestion import Progress, Queue
from forebay.figures import about, duration
from forebay.names import harmless, shortened
from forebay.pace import Pace
from forebay.progress import Block, Lines

STEP = Progress(
    done=40,
    total=100,
    chunks=300,
    size=4_000_000,
    queues=(Queue("parse", 8), Queue("embed", 1200)),
    slowest="a/report.pdf",
    slowest_seconds=3.0,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Screen:
    def __init__(self, width: int = 100) -> None:
        self.clock = Clock()
        self.block = Block(self.clock)
        self._console = Console(file=io.StringIO(), width=width, force_terminal=True)

    def at(self, seconds: float, progress: Progress | None = None) -> list[str]:
        self.clock.now = seconds
        if progress:
            self.block.tell(progress)
        with self._console.capture() as capture:
            self._console.print(self.block)
        return [line.rstrip() for line in _plain(capture.get()).splitlines()]


def test_a_run_that_is_soon_done_shows_no_block() -> None:
    assert Screen().at(0.2, STEP) == []


def test_the_block_says_how_much_how_fast_and_what_is_slow() -> None:
    screen = Screen()
    screen.at(1.0, STEP)
    bar, speed, queues, slowest = screen.at(
        11.0, replace(STEP, done=60, chunks=500, size=6_000_000)
    )
    assert bar.endswith("60 of 100 documents · about 20 s left")
    assert speed == "2.0 documents/s · 20 chunks/s · 0.2 MB/s · 11 s"
    assert queues == "queued: parse 8 · embed 1,200"
    assert slowest == "slowest: a/report.pdf, 3 s"


def test_the_slowest_document_ages_while_nothing_is_told() -> None:
    screen = Screen()
    screen.at(1.0, STEP)
    assert screen.at(31.0)[3] == "slowest: a/report.pdf, 33 s"


def test_a_wait_takes_the_place_of_the_slowest_and_of_the_estimate() -> None:
    screen = Screen()
    screen.at(1.0, STEP)
    shown = screen.at(9.0, replace(STEP, done=60, waiting="the store"))
    assert shown[3] == "waiting: the store"
    assert "left" not in shown[0]


def test_a_wait_before_anything_is_known_is_shown() -> None:
    assert "waiting: x" in Screen().at(9.0, Progress(0, 0, 0, 0, (), "", 0.0, "x"))


def test_until_there_is_a_plan_there_is_one_line() -> None:
    assert Screen().at(1.0) == ["looking for what has changed …"]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_block_has_four_lines_however_wide_the_terminal_is(width: int) -> None:
    long = replace(STEP, slowest=f"{'契約書/' * 30}report.pdf")
    screen = Screen(width)
    screen.at(1.0, long)
    shown = screen.at(9.0, replace(long, done=60))
    assert len(shown) == 4
    assert max(cell_len(line) for line in shown) <= width


def test_a_name_cannot_give_orders_to_the_terminal_or_its_markup() -> None:
    shown = Screen().at(1.0, replace(STEP, slowest="[red]a\x1b[31m\n\u202eb.md"))
    assert shown[3] == "slowest: [red]a\ufffd[31m\ufffd\ufffdb.md, 3 s"


@pytest.mark.parametrize(
    ("name", "shown"), [("\x1b]0;x\x07.md", "�]0;x�.md"), ("نامه\u200cها", "نامه\u200cها")]
)
def test_what_a_terminal_might_obey_is_taken_out_of_a_name(name: str, shown: str) -> None:
    assert harmless(name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("short.md", "short.md"),
        ("a/very/long/path/to/a/report.pdf", "a/very…report.pdf"),
        ("契約書契約書契約書契約書", "契約…書契約書"),
    ],
)
def test_a_long_name_loses_its_middle(name: str, shown: str) -> None:
    assert shortened(name, 17 if name.isascii() else 14) == shown


def test_unchanged_documents_do_not_make_the_rest_look_quick() -> None:
    pace = Pace()
    pace.tell(replace(STEP, done=0, chunks=0), 0.0)
    pace.tell(replace(STEP, done=9000, chunks=0), 1.0)
    for second in range(2, 12):
        pace.tell(replace(STEP, done=8990 + 10 * second, chunks=second), float(second))
    assert pace.seconds_left(100) == pytest.approx(10.0)


def test_a_pace_follows_what_is_now_more_than_what_was() -> None:
    pace = Pace()
    done = 0
    for second in range(20):
        done += 100 if second < 10 else 10
        pace.tell(replace(STEP, done=done), float(second))
    rates = pace.rates()
    assert rates
    assert 10 < rates.documents < 40


def test_documents_that_come_in_lumps_have_a_steady_pace() -> None:
    pace = Pace()
    shown = set()
    for second in range(100):
        pace.tell(replace(STEP, done=second // 10 * 40, chunks=second // 10 * 80), float(second))
        if second > 40 and (rates := pace.rates()):
            shown.add(round(rates.documents, 3))
    assert shown == {4.0}


def test_a_pause_that_is_longer_than_those_before_slows_the_pace() -> None:
    pace = Pace()
    for second in range(100):
        pace.tell(replace(STEP, done=1000 * min(second, 50)), float(second))
    rates = pace.rates()
    assert rates
    assert rates.documents < 100


def test_before_the_first_chunk_nobody_knows_how_long_it_takes() -> None:
    pace = Pace()
    for second in range(10):
        pace.tell(replace(STEP, done=second, chunks=0), float(second))
    assert pace.rates()
    assert pace.seconds_left(100) is None


def test_a_log_has_a_line_every_five_seconds_at_most() -> None:
    said = _log((tenth / 10, STEP) for tenth in range(200))
    assert len(said) == 3


def test_a_line_has_all_the_facts() -> None:
    said = _log([(0.0, STEP), (5.0, replace(STEP, done=60, chunks=400, size=5_000_000))])
    assert "; ".join(said).split("; ") == [
        "60 of 100 documents, 400 chunks",
        "about 10 s left",
        "4.0 documents/s, 20 chunks/s, 0.2 MB/s",
        "queued: parse 8, embed 1,200",
        "slowest: a/report.pdf, 3 s",
    ]


def test_a_wait_is_said_at_once_and_not_again_at_each_step() -> None:
    waits = [(1.0 + n / 100, replace(STEP, waiting=f"again in {n} s")) for n in range(300)]
    said = _log([(0.0, STEP), *waits])
    assert len(said) == 1
    assert "; waiting: again in 0 s" in said[0]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (4.4, "4 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h 00 min"),
        (5400, "1 h 30 min"),
    ],
)
def test_a_duration_is_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.1, "about 1 s"), (43, "about 45 s"), (754, "about 13 min")]
)
def test_an_estimate_is_as_coarse_as_it_is_good(seconds: float, said: str) -> None:
    assert about(seconds) == said


def _log(steps: Iterable[tuple[float, Progress]]) -> list[str]:
    clock, out = Clock(), io.StringIO()
    lines = Lines(Console(file=out, width=80), clock)
    for now, progress in steps:
        clock.now = now
        lines(progress)
    return out.getvalue().splitlines()


def _plain(text: str) -> str:
    return Text.from_ansi(text).plain
