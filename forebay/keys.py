"""Single keys from the terminal, without Enter. What is typed ahead is not lost; Ctrl-C works."""

import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def keys() -> Iterator[Callable[[], str]]:
    """What waits for the next one. The terminal is as before when the block ends."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        yield lambda: _read(terminal)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _read(terminal: int) -> str:
    key = os.read(terminal, 1)
    if not key:
        raise EOFError
    return key.decode("latin-1")
