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
        if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        print(error, file=sys.stderr)
        if not typer.confirm("Go on?", err=True):
            raise typer.Exit(1) from error
