"""`forebay search "…"`: the passages, and what each leg thought of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options
from forebay.reach import reach
from retrieval.search import CONFIGS

if TYPE_CHECKING:
    from answering.ask import Question
    from domain.answers import SearchResult
    from wiring.settings import Settings


def command(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    where: options.FilterText = None,
    limit: options.Limit = None,
    config: Annotated[str, typer.Option("--config", help=", ".join(CONFIGS))] = "default",
    explain: Annotated[
        bool, typer.Option("--explain", help="What each step thought of every candidate.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """The passages that fit best, with what each leg thought of them."""
    from rich.console import Console

    from answering.ask import Question
    from forebay import show
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    asked = Question(
        text=question,
        tenant=tenant or settings.tenant,
        collection=collection or settings.collection,
        where=options.read_filter(where),
        limit=limit,
        explain=explain,
    )
    result = asyncio.run(_search(settings, asked, config))
    if as_json:
        print(to_json(result).decode())
    else:
        show.hits(Console(), result, explain=explain)


async def _search(settings: Settings, question: Question, config: str) -> SearchResult:
    async with reach(settings, "forebay search") as forebay:
        return await forebay.search(question, config)
