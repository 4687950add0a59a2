"""How far an answer is that reads many documents: one line that changes, or lines in a log."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Self

from forebay.figures import about, dollars

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.status import Status

    from answering.question import Advance


class Advancing:
    """Told of each step; gone when the answer begins."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._start = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        __: BaseException | None,
        ___: TracebackType | None,
    ) -> None:
        self.end()

    def tell(self, step: Advance) -> None:
        line = self._line(step)
        if not self._console.is_terminal:
            self._console.print(line, highlight=False)
        elif self._status:
            self._status.update(line)
        else:
            self._status = self._console.status(line)
            self._status.start()

    def end(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None

    def _line(self, step: Advance) -> str:
        said = f"{step.doing}: {step.done:,} of {step.total:,} parts"
        if step.spent_microdollars:
            said += f", {dollars(step.spent_microdollars)}"
        if 0 < step.done < step.total:
            left = (monotonic() - self._start) / step.done * (step.total - step.done)
            said += f", {about(left)} left"
        return said
