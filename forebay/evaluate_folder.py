"""The folder that a command fills: a new or an empty one, so that nothing of the user's is lost."""

from pathlib import Path

from domain.errors import InvalidInput


def new_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInput(f"{out} is there and not empty. Name a new folder.", field="out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{out} cannot be made: {error.strerror}.", field="out") from error
