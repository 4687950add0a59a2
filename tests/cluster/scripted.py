"""A cluster without Ray: nodes that come and go, and workers that do as they are told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from wiring.cluster.hello import Hello, encode, hello
from wiring.cluster.join import Lost, Member, Node

OWN = hello(None)


def node(name: str, cores: int = 1) -> Node:
    return Node(name, name, cores)


class ScriptedNodes:
    """Implements wiring.cluster.crew.Nodes. What a worker says and does can be set by node."""

    where = "of this test"

    def __init__(self, *nodes: Node) -> None:
        self.alive: list[Node] | None = list(nodes)
        self.says: dict[str, Hello] = {}
        self.does: dict[str, Callable[[object], Awaitable[object]]] = {}
        self.does_not_start: set[str] = set()
        self.done: list[tuple[str, str]] = []  # what, where
        self.at_once: Counter[tuple[Member, str]] = Counter()
        self.most_at_once = 0
        self.members: set[Member] = set()

    async def nodes(self) -> list[Node] | None:
        return None if self.alive is None else list(self.alive)

    def start(self, node: Node, embed: str | None) -> Member:
        member = Member(node, None)
        self.members.add(member)
        return member

    async def call(self, member: Member, method: str, *arguments: object) -> Any:
        name = member.node.id
        if method == "close":
            return None
        if method == "hello":
            if name in self.does_not_start:
                raise Lost("No module named 'wiring'")
            return encode(self.says.get(name, OWN))
        self.at_once[member, method] += 1
        self.most_at_once = max(self.most_at_once, *self.at_once.values())
        try:
            await asyncio.sleep(0)
            answer = await self.does[name](*arguments) if name in self.does else arguments[0]
        finally:
            self.at_once[member, method] -= 1
        self.done.append((method, name))
        return answer

    def end(self, member: Member) -> "asyncio.Future[None]":
        self.members.discard(member)
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ended.set_result(None)
        return ended


async def lost(argument: object) -> object:
    raise Lost(f"killed by {argument!r}")
