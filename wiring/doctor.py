"""What is configured, reachable and how big; and for each problem, what to do about it."""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, TypeVar

from domain.counted import counted
from domain.errors import ForebayError
from domain.ports import ChatModel, ChunkStore, Embedder, TokenCounter
from gateway.tokens import Tokens
from wiring.models import open_chat, open_embedder
from wiring.owner import own
from wiring.routing import aliases
from wiring.services import Services
from wiring.settings import Settings
from wiring.short import too_short
from wiring.state.database import State, open_state
from wiring.stores import open_store

Verdict = Literal["ok", "warning", "problem"]
T = TypeVar("T")
_LOW_DISK = 1 << 30
_BLOCK = 512  # bytes: files of the engine are sparse, their length says little


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    verdict: Verdict
    says: str


@dataclass(frozen=True, slots=True)
class Examination:
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return all(finding.verdict != "problem" for finding in self.findings)


async def examine(services: Services) -> Examination:
    """What a running service finds about itself."""
    settings = services.settings
    return Examination(
        (
            _directory(settings),
            await _asked("state", lambda: _state(services.state, settings)),
            await _asked("embedder", lambda: _embedder(services.embedder)),
            *await _collections(services.store, services.state, services.embedder, settings),
            await _asked("answers", lambda: _answers(services.chat, settings)),
            *_prompt(settings, services.tokens),
        )
    )


async def examine_settings(settings: Settings) -> Examination:
    """The same without a service: each part is opened by itself, so that none hides another."""
    found = [_directory(settings)]

    async def opened(part: str, opening: AbstractAsyncContextManager[T]) -> T | None:
        try:
            return await stack.enter_async_context(opening)
        except ForebayError as error:
            found.append(Finding(part, "problem", str(error)))
            return None

    async with AsyncExitStack() as stack:
        if settings.qdrant.url is None:
            stack.enter_context(own(settings.data, "forebay doctor"))
        if state := await opened("state", open_state(settings.database_url)):
            found.append(await _asked("state", lambda: _state(state, settings)))
        tokens = Tokens(settings.data / "cache" / "tiktoken")
        if embedder := await opened("embedder", open_embedder(settings, tokens)):
            found.append(await _asked("embedder", lambda: _embedder(embedder)))
            if chat := await opened("answers", open_chat(settings, embedder, tokens)):
                found.append(await _asked("answers", lambda: _answers(chat, settings)))
        found += _prompt(settings, tokens)
        if store := await opened("store", open_store(settings)):
            found += await _collections(store, state, embedder, settings)
    return Examination(tuple(found))


async def _asked(part: str, ask: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await ask()
    except ForebayError as error:
        return Finding(part, "problem", str(error))


def _directory(settings: Settings) -> Finding:
    data = settings.data.absolute()
    if not data.exists():
        return Finding("data", "ok", f"{data} (not made yet)")
    size = sum(path.stat().st_blocks * _BLOCK for path in data.rglob("*") if path.is_file())
    free = shutil.disk_usage(data).free
    says = f"{data}, {_bytes(size)}, {_bytes(free)} free on the disk"
    if free < _LOW_DISK:
        return Finding(
            "data", "warning", f"{says}: make room, or set FOREBAY_DATA to another disk."
        )
    return Finding("data", "ok", says)


async def _state(state: State, settings: Settings) -> Finding:
    await state.ping()
    documents = await state.documents.page(settings.tenant, None, offset=0, limit=0)
    kind = settings.database_url.split(":", 1)[0]
    return Finding(
        "state", "ok", f"{kind}, {documents.total:,} documents of tenant {settings.tenant}"
    )


async def _embedder(embedder: Embedder) -> Finding:
    start = perf_counter()
    await embedder.embed_documents(["Is anybody there?"])  # a question may be remembered
    space, spent = embedder.space, perf_counter() - start
    return Finding(
        "embedder",
        "ok",
        f"{space.model}, {space.dimensions} dimensions, {spent * 1000:.0f} ms a text",
    )


async def _answers(chat: ChatModel, settings: Settings) -> Finding:
    if not settings.answers_with_openai:
        return Finding(
            "answers", "ok", f"{chat.name}: sentences of the documents, no model, no cost"
        )
    await chat.check()
    where = settings.openai_base_url or "OpenAI"
    says = f"{chat.name} at {where} answers"
    if unpinned := ", ".join(aliases(settings)):
        says = f"{says}; without a date in their names, and so to be changed by who provides them: "
        says += f"{unpinned}"
    return Finding("answers", "ok", says)


def _prompt(settings: Settings, tokens: TokenCounter) -> list[Finding]:
    try:
        says = too_short(settings, tokens)
    except ForebayError as error:
        return [Finding("prompt", "problem", str(error))]
    return [Finding("prompt", "warning", says)] if says else []


async def _collections(
    store: ChunkStore, state: State | None, embedder: Embedder | None, settings: Settings
) -> list[Finding]:
    place = settings.qdrant.url or "embedded"
    try:
        names = await store.collections()
        found = [Finding("store", "ok", f"{place}, {counted(len(names), 'collection')}")]
        for name in names:
            chunks = await store.count(settings.tenant, name)
            says = f"{chunks:,} chunks of tenant {settings.tenant}"
            found.append(Finding(f"collection {name}", "ok", says))
            if state and embedder:
                found[-1] = await _space(name, says, state, embedder)
    except ForebayError as error:
        return [Finding("store", "problem", str(error))]
    return found


async def _space(name: str, says: str, state: State, embedder: Embedder) -> Finding:
    record = await state.collections.find(name)
    part = f"collection {name}"
    if record is None:
        remedy = "the state does not know it: ingest into it again, or remove it from the store."
        return Finding(part, "warning", f"{says}; {remedy}")
    if record.space.id != embedder.space.id:
        remedy = (
            f"made with {record.space.model}, the settings say {embedder.space.model}. Ingest it "
            "again with --rebuild, or set FOREBAY_EMBED__… back."
        )
        return Finding(part, "problem", f"{says}; {remedy}")
    return Finding(part, "ok", f"{says}, vectors of {record.space.model}")


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
