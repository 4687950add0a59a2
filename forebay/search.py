"""`forebay search "…"`: the passages, and what each leg thought of them."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from answering.ask import Question
from domain.answers import SearchResult
from forebay import options, show
from forebay.reach import reach
from wiring.codec import to_json
from wiring.services import SEARCH_CONFIGS
from wiring.settings import Settings, read_settings


def command(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    where: options.FilterText = None,
    limit: options.Limit = None,
    config: Annotated[str, typer.Option("--config", help=", ".join(SEARCH_CONFIGS))] = "default",
    as_json: options.Json = False,
) -> None:
    """The passages that fit best, with what each leg thought of them."""
    settings = read_settings()
    asked = Question(
        text=question,
        tenant=tenant or settings.tenant,
        collection=collection or settings.collection,
        where=options.read_filter(where),
        limit=limit,
    )
    result = asyncio.run(_search(settings, asked, config))
    if as_json:
        print(to_json(result).decode())
    else:
        show.hits(Console(), result)


async def _search(settings: Settings, question: Question, config: str) -> SearchResult:
    async with reach(settings, "forebay search") as forebay:
        return await forebay.search(question, config)
