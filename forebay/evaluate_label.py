"""`forebay eval label DIR`: judge pooled passages in the terminal, one key a judgement."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from domain.counted import counted
from domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from eval.label import Item, Labelling


def label(
    folder: Annotated[Path, typer.Argument(help="What `forebay eval sample` made.")],
) -> None:
    """Judge passages with the keys 0 to 3. Every key is saved; the same command goes on."""
    from eval.label import Labelling
    from forebay.keys import keys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput("Judging needs a terminal for its keys.", field="folder")
    work, console = Labelling(folder), Console()
    try:
        with keys() as read:
            while (item := work.next) is not None:
                _show(console, work, item)
                if not _judged(console, work, item, read):
                    break
    except (KeyboardInterrupt, EOFError):
        console.print()
    _goodbye(console, work, folder)


def _judged(console: Console, work: Labelling, item: Item, read: Callable[[], str]) -> bool:
    """False: enough for now."""
    while (key := read()) != "q":
        if key in "0123":
            work.judge(item, int(key))
        elif key == "s":
            work.skip(item)
        elif key == "u":
            work.undo()
        else:
            console.bell()
            continue
        return True
    return False


def _show(console: Console, work: Labelling, item: Item) -> None:
    from eval.label import GRADES

    console.clear()
    console.print(f"[dim]{work.judged:,} of {work.total:,} judged[/]\n", highlight=False)
    console.print(f"[bold]{escape(item.question)}[/]\n", highlight=False)
    console.print(f"[cyan]{escape(item.where or item.source)}[/]", highlight=False)
    console.print(Padding(escape(item.text), (0, 2, 1, 2)), highlight=False)
    keys = "  ".join(f"[bold]{grade}[/] {said}" for grade, said in GRADES.items())
    console.print(f"{keys}  [dim]u undo  s skip  q quit[/]", highlight=False)


def _goodbye(console: Console, work: Labelling, folder: Path) -> None:
    left = work.total - work.judged
    said = f"{counted(work.judged, 'passage')} judged, {left:,} left."
    console.print(said, highlight=False)
    if work.useless:
        console.print(
            f"{counted(work.useless, 'question')} without any use so far: left out of the "
            "judgements, for no system can win or lose there.",
            highlight=False,
        )
    console.print(f"Measure: forebay eval run {folder}", highlight=False, soft_wrap=True)
