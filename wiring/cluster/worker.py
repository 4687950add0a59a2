"""What runs on the nodes, once for each core: a parser, and an embedder if there is one.

The parser is the sandbox of a run without a cluster, so its limits hold here as well. Documents
and answers pass as the bytes that the sandbox's own process speaks. Knows nothing of Ray.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from domain.errors import ParseFailed
from domain.ports import Embedder
from gateway.tokens import Tokens
from ingest.draft import Parsed
from ingest.sandbox import Sandbox
from ingest.wire import Refused, decode_source, encode_answer
from wiring.cluster.hello import encode, hello
from wiring.models import open_embedder
from wiring.settings import EmbedSettings, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Worker:
    def __init__(self, embed: str | None) -> None:
        """`embed`: the embedder's settings as JSON; they hold no secret."""
        self._embed = embed
        self._embedder: Embedder | None = None
        self._open = AsyncExitStack()
        self._sandbox = Sandbox()
        self._parsing = asyncio.Lock()  # a caller that gave up does not end what it started

    async def hello(self) -> bytes:
        await self._open.enter_async_context(self._sandbox)
        if self._embed is not None:
            settings = Settings.model_construct(
                embed=EmbedSettings.model_validate_json(self._embed)
            )
            unused = Tokens(Path())  # counts what is paid for; this costs nothing
            self._embedder = await self._open.enter_async_context(open_embedder(settings, unused))
        return encode(hello(self._embedder.space if self._embedder else None))

    async def parse(self, frame: bytes) -> bytes:
        answer: Parsed | Refused
        async with self._parsing:
            try:
                answer = await self._sandbox.parse(decode_source(frame))
            except ParseFailed as error:
                answer = Refused(str(error), error.kind)
        return encode_answer(answer)

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        assert self._embedder is not None
        return np.stack(await self._embedder.embed_documents(texts))

    async def close(self) -> None:
        """Ends the sandbox's process, also amid a document."""
        await self._open.aclose()
