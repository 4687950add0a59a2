"""Options that several subcommands share, and what every subcommand does with its settings."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput

if TYPE_CHECKING:
    from domain.filters import Filter

Tenant = Annotated[
    str | None, typer.Option("--tenant", help="Whose documents; if not set, FOREBAY_TENANT.")
]
Collection = Annotated[
    str | None,
    typer.Option("--collection", help="Which collection; if not set, FOREBAY_COLLECTION."),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, max=100, help="How many passages.")]
FilterText = Annotated[
    str | None,
    typer.Option("--filter", help='Conditions as JSON, for example \'{"year": {"gte": 2024}}\'.'),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


class Interrupted(Exception):
    """Ctrl-C, by a command that has more to say of it than that."""


def read_filter(text: str | None) -> "Filter":
    from domain.filter_json import filter_from_json

    if text is None:
        return ()
    try:
        return filter_from_json(json.loads(text))
    except json.JSONDecodeError as error:
        raise InvalidInput(f"--filter is not JSON: {error}.", field="filter") from error
