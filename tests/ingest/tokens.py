"""Tokens that a test can count by eye: a word, a number or a mark is one; a gap is none."""

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"\w{1,8}|[^\w\s]")


class Words:
    """A TokenCounter."""

    def count(self, text: str) -> int:
        return len(self.offsets(text))

    def offsets(self, text: str) -> Sequence[int]:
        return [match.start() for match in _TOKEN.finditer(text)]
