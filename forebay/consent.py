"""Asks a person whether what costs money shall go on. Only one at a terminal can be asked."""

import sys
from collections.abc import Callable

import typer

from domain.errors import CostNotAccepted


def consent(check: Callable[[], None], *, yes: bool, as_json: bool = False) -> None:
    """`check` raises CostNotAccepted when there is something to be asked."""
    if yes:
        return
    try:
        check()
    except CostNotAccepted as error:
        confirm(error, as_json=as_json)


def confirm(cost: CostNotAccepted, *, as_json: bool = False) -> None:
    """Raises it where nobody can be asked, and ends the command where the answer is no."""
    if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise cost
    print(cost, file=sys.stderr)
    if not typer.confirm("Go on?", err=True):
        raise typer.Exit(1) from cost
