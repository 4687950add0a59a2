"""`forebay ask "…"`: an answer with its citations, for a person or as JSON."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options
from forebay.reach import reach

if TYPE_CHECKING:
    from answering.ask import Question
    from domain.answers import Answer
    from wiring.settings import Settings


def command(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    where: options.FilterText = None,
    limit: options.Limit = None,
    session: Annotated[
        str | None, typer.Option("--session", help="Continue this conversation, or begin it.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Answer a question from the documents, with citations, cost and stage times."""
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
        session=session,
        endpoint="ask",
    )
    answer = asyncio.run(_ask(settings, asked, quiet=as_json))
    if as_json:
        print(to_json(answer).decode())
    else:
        show.footnotes(Console(), answer)


async def _ask(settings: Settings, question: Question, *, quiet: bool) -> Answer:
    from rich.console import Console

    from domain.answers import Answer
    from domain.completion import Delta

    console = Console(quiet=quiet, highlight=False)
    async with reach(settings, "forebay ask") as forebay:
        async for event in forebay.stream(question):
            if isinstance(event, Delta):
                console.print(event.text, end="", markup=False, soft_wrap=True)
            elif isinstance(event, Answer):
                console.print()
                return event
    raise AssertionError("a stream ends with its answer")
