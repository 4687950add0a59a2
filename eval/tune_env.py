"""Writes settings into a file of variables, as services, containers and shells read them.

Touches the lines of these variables alone.
"""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from eval.sweep_grid import UNSET, variable

_NAME = re.compile(r"\s*(?:export\s+)?(\w+)\s*=")


def lines(choice: Mapping[str, str]) -> list[str]:
    return [f"{variable(name)}={value}" for name, value in choice.items() if value != UNSET]


def write(choice: Mapping[str, str], path: Path) -> None:
    """Whole, or not at all; as readable as it was, for it may hold keys. A variable that is to be
    unset loses its line.
    """
    chosen = {variable(name) for name in choice}
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in before if _variable(line) not in chosen]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
    draft.write_text("\n".join([*kept, *lines(choice), ""]), encoding="utf-8")
    draft.replace(path)


def _variable(line: str) -> str:
    found = _NAME.match(line)
    return found[1] if found else ""
