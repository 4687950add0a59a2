"""Fields of a Word document: some are links, and the others only their results.

A field begins, says its code, then its result, and ends; there may be fields within each.
"""

import re

from ingest.readers.runs import Runs

_LINK = re.compile(r'\s*HYPERLINK\s+(?!\\)"?([^"\s]+)"?(?!.*\\l\b)')


class Fields:
    """Those that are open in the paragraph."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._codes: list[str | None] = []  # None: its result has begun

    def step(self, kind: str) -> None:
        if kind == "begin":
            self._codes.append("")
        elif not self._codes:
            return  # it began in another paragraph
        elif kind == "separate" and (code := self._codes[-1]) is not None:
            self._runs.open_link(link_in(code))
            self._codes[-1] = None
        elif kind == "end" and self._codes.pop() is None:
            self._runs.close_link()

    def code(self, text: str | None) -> None:
        if self._codes and self._codes[-1] is not None:
            self._codes[-1] += text or ""

    def end(self) -> None:
        """A field may go on in the next paragraph, a link may not."""
        while self._codes:
            if self._codes.pop() is None:
                self._runs.close_link()


def link_in(code: str) -> str:
    match = _LINK.match(code)
    return match[1] if match else ""
