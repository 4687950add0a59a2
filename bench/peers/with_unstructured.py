"""Files → chunks as `unstructured` makes them: its own partition, then its own chunk_by_title.

    python -m bench.peers.with_unstructured FOLDER TOKENS RANKS

Prints one JSON object a line: a chunk's file and text, or a file that gave none and the reason.
`RANKS`: where tiktoken finds its vocabulary. Runs where Forebay runs, without the network.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ingest.readers.elements  # noqa: F401 - it finds its language model and does not call home

# isort: split
from unstructured.chunking.title import chunk_by_title
from unstructured.partition.auto import partition

_LONGEST = 60  # seconds that one file may take


class TooSlow(Exception):
    """It had its time."""


def main() -> None:
    folder, tokens, ranks = sys.argv[1:]
    os.environ["TIKTOKEN_CACHE_DIR"] = ranks
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        for line in _lines(path, int(tokens)):
            print(json.dumps({"file": name, **line}), flush=True)


def _lines(path: Path, tokens: int) -> list[dict[str, str]]:
    try:
        with _at_most(_LONGEST):
            elements = partition(filename=str(path), languages=[""])
            chunks = chunk_by_title(elements, max_tokens=tokens, tokenizer="o200k_base")
    except Exception as error:  # noqa: BLE001 - whatever a library raises is its answer here
        return [{"reason": f"{type(error).__name__}: {error}".partition("\n")[0]}]
    return [{"text": chunk.text} for chunk in chunks] or [{"reason": "no text"}]


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    main()
