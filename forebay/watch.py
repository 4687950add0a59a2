"""Runs something now, and again whenever files change, until it is interrupted.

Knows which paths count and nothing of what is done about them. What goes wrong in a run is
said, and the run is made again: an outside system comes back, a folder is mounted again.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from time import monotonic

from watchfiles import Change, awatch

from domain.errors import ForebayError, Misconfigured

_SETTLED_MS = 400  # without a further change; then it runs
_LONGEST_MS = 10_000  # of changes without a pause; then it runs all the same
_POLL_MS = 1_000
_LOOK = 1.0  # seconds between looks at whether these are still the same folders
_AGAIN = (5.0, 10.0, 30.0, 60.0)  # seconds after the first, second … failure in a row
_MAGIC = re.compile(r"[*?[]")

_Changes = set[tuple[Change, str]]


async def watch(
    paths: Sequence[str],
    run: Callable[[], Awaitable[None]],
    say: Callable[[str], None],
    *,
    ignored: Sequence[Path] = (),
    poll: bool = False,
    again: Sequence[float] = _AGAIN,
) -> None:
    """Never returns. `ignored` is what a run itself may write to below these paths."""
    roots = tuple(_root(Path(path)) for path in paths)
    runner = _Runner(run, say, again)
    gone: set[Path] = set()
    while True:  # once for each time that a root is another folder than before
        before = _identities(roots)
        missing = {root for root, identity in before.items() if identity is None}
        async with _watching(roots, ignored, poll=poll) as eyes:
            await runner.run()
            if not runner.fails:  # or it has said so itself
                for root in missing - gone:
                    say(f"{root} is gone; waiting for it.")
            gone = missing
            while True:
                changed = await eyes.saw_change(_LOOK)
                if eyes.blind or _identities(roots) != before:
                    break
                if changed or runner.is_due:
                    await runner.run()


class _Runner:
    """Runs, and says what went wrong: once, however often it does."""

    def __init__(
        self,
        run: Callable[[], Awaitable[None]],
        say: Callable[[str], None],
        again: Sequence[float],
    ) -> None:
        self._run = run
        self._say = say
        self._again = again
        self._failures = 0
        self._said = ""
        self._due = inf

    @property
    def fails(self) -> bool:
        return self._failures > 0

    @property
    def is_due(self) -> bool:
        """After a failure, though nothing has changed."""
        return monotonic() >= self._due

    async def run(self) -> None:
        try:
            await self._run()
        except ForebayError as error:
            self._due = monotonic() + self._again[min(self._failures, len(self._again) - 1)]
            self._failures += 1
            if str(error) != self._said:
                self._said = str(error)
                self._say(f"{error} Trying again until it works.")
            return
        if self._failures:
            self._say("It works again.")
        self._failures, self._said, self._due = 0, "", inf


class _Eyes:
    def __init__(self, roots: Sequence[Path], changes: AsyncGenerator[_Changes, None]) -> None:
        self._roots = {str(root) for root in roots}
        self._changes = changes
        self._next = asyncio.create_task(self._look())
        self.blind = False  # a root was removed: what comes in its place would not be seen

    async def saw_change(self, seconds: float) -> bool:
        """Wait so long for one."""
        done, _ = await asyncio.wait({self._next}, timeout=seconds)
        if not done:
            return False
        found = self._next.result()
        self.blind = any(c is Change.deleted and path in self._roots for c, path in found)
        self._next = asyncio.create_task(self._look())
        return True

    async def close(self) -> None:
        self._next.cancel()
        await asyncio.gather(self._next, return_exceptions=True)
        await self._changes.aclose()

    async def _look(self) -> _Changes:
        try:
            return await anext(self._changes)
        except OSError as error:
            raise Misconfigured(
                f"The folders cannot be watched ({error}). Raise the system's limit of watched "
                "folders (fs.inotify.max_user_watches), or use --poll."
            ) from error


@asynccontextmanager
async def _watching(
    roots: Sequence[Path], ignored: Sequence[Path], *, poll: bool
) -> AsyncIterator[_Eyes]:
    """From its first line on no change is missed."""
    there = [root.resolve() for root in roots if root.exists()]
    changes = awatch(
        *there,
        watch_filter=_counts(there, ignored),
        debounce=_LONGEST_MS,
        step=_SETTLED_MS,
        force_polling=poll or None,
        poll_delay_ms=_POLL_MS,
        ignore_permission_denied=True,
    )
    eyes = _Eyes(there, changes)
    await asyncio.sleep(0)  # lets it begin
    try:
        yield eyes
    finally:
        await eyes.close()


def _counts(roots: Sequence[Path], ignored: Sequence[Path]) -> Callable[[Change, str], bool]:
    """Hidden files are not ingested, so they do not count either."""
    unseen = [path.resolve() for path in ignored]

    def counts(_: Change, changed: str) -> bool:
        path = Path(changed)
        if any(path.is_relative_to(one) for one in unseen):
            return False
        root = next((root for root in roots if path.is_relative_to(root)), path)
        return not any(part.startswith(".") for part in path.relative_to(root).parts)

    return counts


def _root(path: Path) -> Path:
    """A glob is watched from the last folder that it names in full."""
    if path.exists():
        return path
    first = next((i for i, part in enumerate(path.parts) if _MAGIC.search(part)), None)
    return path if first is None else Path(*path.parts[:first])


def _identities(roots: Sequence[Path]) -> dict[Path, tuple[int, int] | None]:
    """Tells a folder from another one that was put in its place."""
    found: dict[Path, tuple[int, int] | None] = {}
    for root in roots:
        try:
            stat = root.stat()
        except OSError:
            found[root] = None
        else:
            found[root] = (stat.st_dev, stat.st_ino)
    return found
