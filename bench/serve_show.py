"""The table of `bench.serve`. Measures nothing."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

_BARS = {
    "load.not_whole": "0",
    "load.p95": "50 ms",
    "load.megabytes_a_minute": "2 % of its memory",
    "term.broken": "0",
    "term.not_let_in": "0",
    "term.code": "0",
    "kill.late": "0.2 s",
    "kill.again": "True",
} | {
    f"kill.kept.{name}": "0"
    for name in (
        "twice", "foreign", "off_microdollars", "held_microdollars", "unsound", "turns_lost",
        "turns_empty",
    )
}  # fmt: skip


def show(found: Mapping[str, object]) -> None:
    table = Table("", "measured", "bar")
    for name, value in _flat("", found):
        table.add_row(name, str(value), _BARS.get(name, ""))
    Console().print(table)


def _flat(prefix: str, values: Mapping[str, object]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += _flat(f"{prefix}{name}.", value)
        elif isinstance(value, frozenset):
            found.append((f"{prefix}{name}", len(value)))
        elif value is not None:
            found.append((f"{prefix}{name}", value))
    return found
