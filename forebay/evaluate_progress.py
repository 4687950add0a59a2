"""Where an evaluation is: documents while it ingests, then questions, a line every few seconds."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from eval.run import Watch

_LINE_EVERY = 5.0  # seconds


def watch(console: Console) -> Watch:
    from eval.run import Watch
    from forebay.progress import display

    last = monotonic()

    def asked(data: str, config: str, done: int, total: int) -> None:
        nonlocal last
        if done == total or monotonic() - last > _LINE_EVERY:
            console.print(f"{data} · {config}: {done:,} of {total:,} questions", highlight=False)
            last = monotonic()

    return Watch(
        lambda: display(console), asked, lambda said: console.print(f"[yellow]note:[/] {said}")
    )
