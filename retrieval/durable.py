"""Files that are there as a whole or not at all, also after a power cut; copies of large ones."""

import os
from pathlib import Path

_BLOCK = 2**16


def write_durably(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def copy_sparsely(source: str | Path, target: str | Path) -> None:
    """What is empty in a file takes no room in its copy either: the engine makes its files much
    larger than what they hold.
    """
    with Path(source).open("rb") as old, Path(target).open("wb") as new:
        while block := old.read(_BLOCK):
            if block.count(0) == len(block):
                new.seek(len(block), os.SEEK_CUR)
            else:
                new.write(block)
        new.truncate()
