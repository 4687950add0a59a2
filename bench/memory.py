"""Peak memory of a process and of all that it starts, read from /proc while it runs.

The peak of one process is the kernel's own; that of the tree is the largest sum seen, where
memory that processes share counts for each of them.
"""

from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

_EVERY = 0.2  # seconds
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Peak:
    """In kilobytes."""

    tree: int = 0
    main: int = 0
    worker: int = 0  # the largest of the processes that the main one started


class Watch(Thread):
    """Watches one process from its start until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(name="memory", daemon=True)
        self._pid = pid
        self._over = Event()
        self._tree = 0
        self._peaks: dict[int, int] = {}

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self._look()

    def stop(self) -> Peak:
        self._over.set()
        self.join()
        workers = [peak for pid, peak in self._peaks.items() if pid != self._pid]
        return Peak(self._tree, self._peaks.get(self._pid, 0), max(workers, default=0))

    def _look(self) -> None:
        together = 0
        for pid in _family(self._pid):
            now, peak = _resident(pid)
            together += now
            self._peaks[pid] = max(peak, self._peaks.get(pid, 0))
        self._tree = max(together, self._tree)


def is_readable() -> bool:
    return (_PROC / "self" / "status").is_file()


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:  # grows while it is walked
        for children in (_PROC / str(parent) / "task").glob("*/children"):
            found += map(int, _text(children).split())
    return found


def _resident(pid: int) -> tuple[int, int]:
    """Now, and at most so far."""
    lines = (line.split() for line in _text(_PROC / str(pid) / "status").splitlines())
    sizes = {words[0]: int(words[1]) for words in lines if words[0] in {"VmRSS:", "VmHWM:"}}
    return sizes.get("VmRSS:", 0), sizes.get("VmHWM:", 0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has just ended
        return ""
