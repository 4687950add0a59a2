"""`forebay search "…"`: the passages, and what each leg thought of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import choices, options
from forebay.reach import reach
from retrieval.configs import CONFIGS

if TYPE_CHECKING:
    from answering.question import Question
    from domain.answers import SearchResult
    from wiring.choices import Choices
    from wiring.settings import Settings


def command(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    tenant: options.Tenant = None,
    collection: options.Collections = None,
    where: options.FilterText = None,
    boost: options.BoostText = None,
    limit: options.Limit = None,
    config: Annotated[str, typer.Option("--config", help=", ".join(CONFIGS))] = "default",
    rerank: choices.Rerank = None,
    rerank_depth: choices.RerankDepth = None,
    insist: choices.Insist = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="What each step thought of every candidate.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """The passages that fit best, with what each leg thought of them."""
    from rich.console import Console

    from answering.question import Question
    from forebay import show
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    first, *further = collection or [settings.collection]
    asked = Question(
        text=question,
        tenant=tenant or settings.tenant,
        collection=first,
        further=tuple(further),
        where=options.read_filter(where),
        boosts=options.read_boosts(boost),
        limit=limit,
        explain=explain,
    )
    chosen = choices.read_choices(rerank=rerank, rerank_depth=rerank_depth, insist=insist)
    result = asyncio.run(_search(settings, asked, config, chosen))
    if as_json:
        print(to_json(result).decode())
    else:
        show.hits(Console(), result, explain=explain)


async def _search(
    settings: Settings, question: Question, config: str, chosen: Choices
) -> SearchResult:
    async with reach(settings, "forebay search") as forebay:
        return await forebay.search(question, config, chosen)
