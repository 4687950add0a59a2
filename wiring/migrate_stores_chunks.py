"""Brings a collection's points to a server, and compares them one by one.

What is there already and right is not written again, so a copy that was cut short goes on by
being begun again; one whose source has changed meanwhile becomes right too.
"""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.edge_points import EdgePoints
from retrieval.server_copy import Copies, Copy
from retrieval.stored import StoredPoint
from wiring.migrate_stores_tally import Compared, Listener, Step, Tally


async def copy_points(points: EdgePoints, copies: Copies, tell: Listener) -> None:
    """After it the server's collection has these points, all of them, and no others."""
    name, total, done = points.made.name, points.count(), 0
    copy = await copies.make(points.made)
    fresh = await copy.count() == 0
    for page in points.pages():
        tell(Step(f"copying collection {name}", done, total))
        missing = page if fresh else await _missing(page, copy)
        if missing:
            await copy.write(missing)
        done += len(page)
    tell(Step(f"copying collection {name}", done, total))
    if await copy.count() > total:
        await _remove_others(points, copy)


async def compare_points(points: EdgePoints, copy: Copy | None, tell: Listener) -> Compared:
    """Every point of the one is looked up in the other."""
    name, total = points.made.name, points.count()
    mine = theirs = Tally()
    for page in points.pages():
        tell(Step(f"comparing collection {name}", mine.count, total))
        there = await copy.find([point.id for point in page]) if copy else {}
        mine = mine.plus(point.digest() for point in page)
        theirs = theirs.plus(
            there[point.id].as_in(point).digest() for point in page if point.id in there
        )
    tell(Step(f"comparing collection {name}", mine.count, total))
    others = await copy.count() if copy else 0
    return Compared("collection", name, mine, replace(theirs, count=others))


async def _missing(page: Sequence[StoredPoint], copy: Copy) -> list[StoredPoint]:
    there = await copy.find([point.id for point in page])
    return [point for point in page if not _is(there.get(point.id), point)]


def _is(found: StoredPoint | None, point: StoredPoint) -> bool:
    return found is not None and found.as_in(point).digest() == point.digest()


async def _remove_others(points: EdgePoints, copy: Copy) -> None:
    """Of documents that went from the source since an earlier run."""
    async for ids in copy.ids():
        if gone := points.missing(ids):
            await copy.remove(gone)
