"""The workers of a cluster: one for each core of each node, as nodes come and go.

Lends a worker to whoever has something to do, one thing of a kind at a time. Takes on only
workers that are as this process is. Knows nothing of documents and vectors.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from domain.errors import ForebayError, Misconfigured, Unavailable
from wiring.cluster.hello import Hello, difference
from wiring.cluster.join import Lost, Member, Node

T = TypeVar("T")
Work = Literal["parse", "embed"]

_log = logging.getLogger("forebay.cluster")


@dataclass(frozen=True, slots=True)
class Patience:
    look: float = 1.0  # seconds between two looks at the nodes
    silence: float = 30.0  # of the cluster
    idle: float = 600.0  # without a single worker
    farewell: float = 3.0
    starts: int = 3  # in vain, on one node
    pauses: tuple[float, ...] = (0.0, 2.0, 8.0)  # before each further try of what was lost


class Nodes(Protocol):
    """A cluster, as far as a crew needs one."""

    where: str

    async def nodes(self) -> Sequence[Node] | None:
        """Those that are alive; None or no answer at all: it cannot be said."""
        ...

    def start(self, node: Node, embed: str | None) -> Member: ...

    async def call(self, member: Member, method: str, *arguments: object) -> Any:
        """Raises Lost when the worker is."""
        ...

    def end(self, member: Member) -> asyncio.Future[None]: ...


@dataclass(frozen=True, slots=True)
class _Post:
    """What a worker is at, and the news of its loss: a call to it may never answer."""

    work: set[Work]
    lost: asyncio.Future[None]


class Crew:
    def __init__(
        self, cluster: Nodes, expected: Hello, embed: str | None, patience: Patience
    ) -> None:
        self._cluster = cluster
        self._expected = expected
        self._embed = embed
        self._patience = patience
        self._posts: dict[Member, _Post] = {}
        self._starting: dict[asyncio.Task[None], Node] = {}
        self._in_vain: Counter[str] = Counter()  # starts, by node
        self._refused: dict[str, ForebayError] = {}
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._heard = self._manned = self._loop.time()  # when last

    @property
    def size(self) -> int:
        return len(self._posts)

    async def do(self, work: Work, argument: object) -> Any:
        """What a worker answers. When one is lost, another does it, on another node if there is
        one; Lost is raised after several.
        """
        avoid: set[str] = set()
        for pause in self._patience.pauses:
            try:
                return await self._once(work, argument, avoid)
            except Lost:
                await asyncio.sleep(pause)
        return await self._once(work, argument, avoid)

    async def follow(self) -> None:
        """Keeps in step with the cluster, until it is no more."""
        while not self._over.done():
            nodes = None
            # Not `wait_for`: until Python 3.12 it forgets that it was cancelled when it is over.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience.silence):
                    nodes = await self._cluster.nodes()
            if nodes is not None:
                self._heard = self._loop.time()
                self._match(nodes)
            self._judge(nodes)
            await asyncio.sleep(self._patience.look)

    async def close(self) -> None:
        starting = list(self._starting)
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        leaving = [asyncio.create_task(self._leave(member)) for member in self._posts]
        if leaving:
            _, late = await asyncio.wait(leaving, timeout=self._patience.farewell)
            for task in late:
                task.cancel()
        self._fail(Unavailable("The cluster was left."))
        self._over.exception()  # nobody needs to see it

    def watch(self, task: "asyncio.Task[None]") -> None:
        """Its failure ends everything."""
        if not task.cancelled() and (error := task.exception()):
            self._fail(error)

    async def _once(self, work: Work, argument: object, avoid: set[str]) -> Any:
        while (member := self._idle(work, avoid)) is None:
            await self._unless_over(self._changed.wait())
        with self._lent(member, work) as lost:
            try:
                return await self._unless_over(self._cluster.call(member, work, argument), lost)
            except Lost:
                avoid.add(member.node.id)
                self._dismiss(member)
                raise

    def _idle(self, work: Work, avoid: set[str]) -> Member | None:
        elsewhere = [member for member in self._posts if member.node.id not in avoid]
        free = [m for m in elsewhere or self._posts if work not in self._posts[m].work]
        return min(free, key=lambda member: len(self._posts[member].work), default=None)

    @contextmanager
    def _lent(self, member: Member, work: Work) -> Iterator[asyncio.Future[None]]:
        post = self._posts[member]
        post.work.add(work)
        try:
            yield post.lost
        finally:
            post.work.discard(work)
            self._pulse()

    async def _unless_over(self, awaited: Awaitable[T], *ends: asyncio.Future[None]) -> T:
        task = asyncio.ensure_future(awaited)
        try:
            any_of: set[asyncio.Future[Any]] = {task, self._over, *ends}
            await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                for end in any_of - {task}:
                    if end.done():
                        end.result()  # raises
            return task.result()
        finally:
            task.cancel()

    def _match(self, nodes: Sequence[Node]) -> None:
        alive = {node.id for node in nodes}
        for member in [m for m in self._posts if m.node.id not in alive]:
            self._dismiss(member)
        for gone in (self._refused.keys() | self._in_vain.keys()) - alive:
            self._refused.pop(gone, None)
            self._in_vain.pop(gone, None)
        there = Counter(m.node.id for m in self._posts)
        there += Counter(node.id for node in self._starting.values())
        for node in nodes:
            if node.id not in self._refused:
                for _ in range(node.cores - there[node.id]):
                    self._start(node)

    def _judge(self, nodes: Sequence[Node] | None) -> None:
        now, where = self._loop.time(), self._cluster.where
        if self._posts:
            self._manned = now
        if now - self._heard >= self._patience.silence:
            self._fail(
                Unavailable(
                    f"The Ray cluster {where} has not answered for {self._patience.silence:.0f} s."
                    " What was written stays; the same command goes on from there."
                )
            )
        elif nodes and all(n.id in self._refused for n in nodes if n.cores) and self._refused:
            self._fail(next(iter(self._refused.values())))
        elif now - self._manned >= self._patience.idle:
            self._fail(
                Unavailable(
                    f"The Ray cluster {where} has had no free core for {self._patience.idle:.0f} s."
                    " See `ray status`; what was written stays."
                )
            )

    def _start(self, node: Node) -> None:
        task = asyncio.create_task(self._take_on(node))
        self._starting[task] = node
        task.add_done_callback(self._starting.pop)
        task.add_done_callback(self.watch)

    async def _take_on(self, node: Node) -> None:
        member = self._cluster.start(node, self._embed)
        try:
            said = await self._cluster.call(member, "hello")
        except Lost as error:
            self._cluster.end(member)
            self._in_vain[node.id] += 1
            if self._in_vain[node.id] >= self._patience.starts:
                self._refuse(node, _cannot_start(node, error))
            return
        if why := difference(self._expected, said):
            self._cluster.end(member)
            self._refuse(node, Misconfigured(f"Node {node.address} is left out: {why}"))
        else:
            self._posts[member] = _Post(set(), self._loop.create_future())
            self._pulse()

    def _refuse(self, node: Node, why: ForebayError) -> None:
        if node.id not in self._refused:
            _log.warning("%s", why)
        self._refused[node.id] = why

    def _dismiss(self, member: Member) -> None:
        if post := self._posts.pop(member, None):
            post.lost.set_exception(Lost("its node is gone"))
            post.lost.exception()  # perhaps nobody waits for it
            self._cluster.end(member)
            self._pulse()

    async def _leave(self, member: Member) -> None:
        if not self._over.done():
            with suppress(Lost):
                await self._cluster.call(member, "close")
        await self._cluster.end(member)

    def _fail(self, error: BaseException) -> None:
        if not self._over.done():
            self._over.set_exception(error)
            self._pulse()

    def _pulse(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


@asynccontextmanager
async def open_crew(
    cluster: Nodes, expected: Hello, embed: str | None, patience: Patience
) -> AsyncIterator[Crew]:
    crew = Crew(cluster, expected, embed, patience)
    following = asyncio.create_task(crew.follow())
    following.add_done_callback(crew.watch)
    try:
        yield crew
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await crew.close()


def _cannot_start(node: Node, error: Lost) -> Misconfigured:
    return Misconfigured(
        f"Node {node.address} is left out: no worker starts on it ({error}). Forebay, of this "
        "version, has to be installed there, for the Python that runs Ray."
    )
