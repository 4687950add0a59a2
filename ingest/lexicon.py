"""The word lists beside the code: `key: words`, a line or more a key. Knows no word itself."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "language"


@cache
def lexicon(name: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            key, words = line.split(":", 1)
            found[key] = found.get(key, frozenset()) | frozenset(words.split())
    return found
