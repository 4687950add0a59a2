"""How many tokens a prompt and an answer have, before a provider says so.

Counted in OpenAI's vocabulary, with what it puts around messages, tools and images. Other vendors
count otherwise: `spread` says by how much they may be above. How far a count was off is a metric.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from threading import Lock

from domain.ports import TokenCounter
from domain.prompt import Message, Prompt, ToolRound

OVERHEAD = 4  # tokens of a message beside its text: its role, its beginning and end
IMAGE = {"low": 85, "high": 765, "auto": 765}  # tokens of one, by its detail
_KEPT = 4096  # texts whose counts are remembered, by their hashes: half a megabyte in all
_SHORT = 2_000  # characters that are counted at once: 0.4 ms; more would hold up everyone else
_SPREAD = {"openai": 1.05}
_ELSEWHERE = 1.5  # Claude's and Gemini's vocabularies, and those of open models


def spread(provider: str) -> float:
    """So many times our count a provider may count at most."""
    return _SPREAD.get(provider, _ELSEWHERE)


class Counting:
    def __init__(self, tokens: TokenCounter) -> None:
        self.text = tokens.count
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._lock = Lock()

    def prompt(self, prompt: Prompt) -> int:
        static = len(prompt.prefix)
        messages = sum(self._again(m.text) + OVERHEAD for m in prompt.turns[:static] if _is(m))
        dynamic = sum(self._turn(turn) for turn in prompt.turns[static:])
        described = sum(map(self._again, _described(prompt)))
        return messages + dynamic + described + sum(IMAGE[image.detail] for image in prompt.images)

    def _again(self, text: str) -> int:
        """Of what comes again: counted once. Its text, maybe a whole document, is not kept."""
        name = sha256(text.encode("utf-8", "surrogatepass")).digest()
        with self._lock:  # long prompts are counted in threads
            if (known := self._known.get(name)) is not None:
                self._known.move_to_end(name)
                return known
        found = self.text(text)
        with self._lock:
            self._known[name] = found
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found

    def _turn(self, turn: Message | ToolRound) -> int:
        if isinstance(turn, Message):
            return self.text(turn.text) + OVERHEAD
        calls = sum(self.text(c.name) + self.text(c.arguments) + OVERHEAD for c in turn.calls)
        results = sum(self.text(result.text) + OVERHEAD for result in turn.results)
        return calls + results + (self.text(turn.text) + OVERHEAD if turn.text else 0)


class Asked:
    """The length of one prompt: counted once, beside the call where it is long."""

    def __init__(self, prompt: Prompt, counting: Counting) -> None:
        self._prompt = prompt
        self._counting = counting
        self.found: int | None = None  # None: not yet
        self._task: asyncio.Task[int] | None = None

    def bound(self) -> int:
        """As many or more, without counting: no token has less than a byte."""
        said = chain(texts(self._prompt), _described(self._prompt))
        images = sum(IMAGE[image.detail] for image in self._prompt.images)
        return sum(len(text.encode()) + OVERHEAD for text in said) + images

    def begin(self) -> None:
        """Counts while something else is waited for."""
        if self.found is None and self._task is None:
            if sum(map(len, texts(self._prompt))) <= _SHORT:
                self.now()
            else:
                self._task = asyncio.create_task(asyncio.to_thread(self.now))

    async def tokens(self) -> int:
        self.begin()
        return await asyncio.shield(self._task) if self._task else self.now()

    def now(self) -> int:
        if self.found is None:
            self.found = self._counting.prompt(self._prompt)
        return self.found


def _is(turn: Message | ToolRound) -> bool:
    return isinstance(turn, Message)


def texts(prompt: Prompt) -> Iterator[str]:
    for turn in prompt.turns:
        yield from turn.texts


def _described(prompt: Prompt) -> Iterator[str]:
    """Tools and schema, as they are sent."""
    for tool in prompt.tools:
        said: dict[str, object] = {
            "description": tool.description,
            "name": tool.name,
            "parameters": json.loads(tool.parameters),
            "strict": tool.strict,
            "type": "function",
        }
        yield json.dumps(said, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    if prompt.schema:
        yield prompt.schema.schema
