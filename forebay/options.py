"""Options that several subcommands share, and what every subcommand does with its settings."""

import json
from typing import Annotated

import typer

from domain.errors import InvalidInput
from domain.filters import Filter

Tenant = Annotated[
    str | None, typer.Option("--tenant", help="Whose documents. [default: FOREBAY_TENANT]")
]
Collection = Annotated[
    str | None, typer.Option("--collection", help="Which collection. [default: FOREBAY_COLLECTION]")
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, max=100, help="How many passages.")]
FilterText = Annotated[
    str | None,
    typer.Option("--filter", help='Conditions as JSON, for example \'{"year": {"gte": 2024}}\'.'),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def read_filter(text: str | None) -> Filter:
    from domain.filter_json import filter_from_json

    if text is None:
        return ()
    try:
        return filter_from_json(json.loads(text))
    except json.JSONDecodeError as error:
        raise InvalidInput(f"--filter is not JSON: {error}.", field="filter") from error
