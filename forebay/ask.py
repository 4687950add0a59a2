"""`forebay ask "…"`: an answer with its citations, for a person or as JSON."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from forebay import choices, options
from forebay.reach import reach
from retrieval.configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from answering.question import Question
    from domain.answers import Answer
    from wiring.choices import Choices
    from wiring.settings import Settings


def command(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    tenant: options.Tenant = None,
    collection: options.Collections = None,
    where: options.FilterText = None,
    boost: options.BoostText = None,
    limit: options.Limit = None,
    session: Annotated[
        str | None, typer.Option("--session", help="Continue this conversation, or begin it.")
    ] = None,
    config: Annotated[str, typer.Option("--config", help=", ".join(CONFIGS))] = "default",
    rerank: choices.Rerank = None,
    rerank_depth: choices.RerankDepth = None,
    insist: choices.Insist = None,
    neighbours: choices.Neighbours = None,
    per_document: choices.PerDocument = None,
    context_tokens: choices.ContextTokens = None,
    tier: Annotated[
        Literal["nano", "mini", "standard", "pro", "auto"] | None,
        typer.Option("--tier", help="Whose models answer; auto looks at the question."),
    ] = None,
    effort: Annotated[
        Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None,
        typer.Option("--effort", help="How much the model thinks."),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option("--schema", help="A file with the JSON schema of the answer.", exists=True),
    ] = None,
    strategy: Annotated[
        Literal["auto", "corpus", "document", "conversation", "repository", "synthesis"] | None,
        typer.Option("--strategy", help="How the context is made; if not set, corpus."),
    ] = None,
    document: options.Document = "",
    tools: Annotated[
        bool, typer.Option("--tools", help="The model may search again before it answers.")
    ] = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Answer a question from the documents, with citations, cost and stage times."""
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
        session=session,
        endpoint="ask",
        tier=tier or "",
        effort=effort,
        schema=_read_schema(schema) if schema else "",
        strategy=strategy or ("document" if document else "corpus"),
        document=document,
        tools=tools,
        accept_cost=yes,
    )
    chosen = choices.read_choices(
        rerank=rerank,
        rerank_depth=rerank_depth,
        insist=insist,
        neighbours=neighbours,
        per_document=per_document,
        context_tokens=context_tokens,
    )
    answer = _paid(lambda q: _ask(settings, q, config, chosen, quiet=as_json), asked, as_json)
    if as_json:
        print(to_json(answer).decode())
    else:
        show.footnotes(Console(), answer)


def _read_schema(file: Path) -> str:
    """What is wrong with it is said before anything is asked."""
    from answering.structure import wanted

    schema = file.read_text("utf-8")
    wanted(schema)
    return schema


def _paid(
    answer: Callable[[Question], Coroutine[None, None, Answer]], question: Question, as_json: bool
) -> Answer:
    """Where it costs more than may be spent unasked, the person is asked."""
    from domain.errors import CostNotAccepted
    from forebay.consent import confirm

    try:
        return asyncio.run(answer(question))
    except CostNotAccepted as error:
        confirm(error, as_json=as_json)
    return asyncio.run(answer(replace(question, accept_cost=True)))


async def _ask(
    settings: Settings, question: Question, config: str, chosen: Choices, *, quiet: bool
) -> Answer:
    from rich.console import Console

    from answering.question import Advance, Retrieved
    from domain.answers import Answer
    from domain.completion import Delta
    from forebay.advance import Advancing

    console = Console(quiet=quiet, highlight=False)
    advancing = Advancing(Console(stderr=True, quiet=quiet))
    async with reach(settings, "forebay ask") as forebay:
        with advancing:
            async for event in forebay.stream(question, config, chosen):
                if isinstance(event, Advance):
                    advancing.tell(event)
                elif isinstance(event, Retrieved):
                    advancing.end()
                elif isinstance(event, Delta):
                    console.print(event.text, end="", markup=False, soft_wrap=True)
                elif isinstance(event, Answer):
                    console.print(event.text if event.outcome else "", markup=False, soft_wrap=True)
                    answer = event  # the stream ends here; left early, it would not be closed
    return answer
