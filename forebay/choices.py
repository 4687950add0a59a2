"""Options with which one question departs from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from wiring.choices import Choices

Rerank = Annotated[
    bool | None,
    typer.Option("--rerank/--no-rerank", help="Whether a reranker reads the first passages."),
]
RerankDepth = Annotated[
    int | None, typer.Option("--rerank-depth", min=1, max=1000, help="How many it reads.")
]
Insist = Annotated[
    Literal["off", "prefer", "must"] | None,
    typer.Option("--insist", help="On the question's quoted phrases and codes."),
]
Neighbours = Annotated[
    int | None,
    typer.Option(
        "--neighbours", min=0, max=10, help="Chunks before and behind a hit that are shown."
    ),
]
PerDocument = Annotated[
    int | None, typer.Option("--per-document", min=1, help="Most passages of one document.")
]
ContextTokens = Annotated[
    int | None,
    typer.Option("--context-tokens", min=1, max=80_000, help="Tokens of passages to show."),
]


def read_choices(
    *,
    rerank: bool | None,
    rerank_depth: int | None,
    insist: Literal["off", "prefer", "must"] | None,
    neighbours: int | None = None,
    per_document: int | None = None,
    context_tokens: int | None = None,
) -> Choices:
    """Of those that are given."""
    from wiring.choices import Choices

    shown = _given(neighbours=neighbours, per_document=per_document)
    deep = rerank_depth is not None and rerank is not False
    return Choices.model_validate(
        _given(
            rerank={"depth": rerank_depth} if deep else rerank,
            insist=insist,
            context_tokens=context_tokens,
            select=shown or None,
        )
    )


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}
