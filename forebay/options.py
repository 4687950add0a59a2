"""Options that several subcommands share, and what every subcommand does with its settings."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput

if TYPE_CHECKING:
    from domain.boosts import Boosts
    from domain.filters import Filter

Tenant = Annotated[
    str | None, typer.Option("--tenant", help="Whose documents; if not set, FOREBAY_TENANT.")
]
Collection = Annotated[
    str | None,
    typer.Option("--collection", help="Which collection; if not set, FOREBAY_COLLECTION."),
]
Collections = Annotated[
    list[str] | None,
    typer.Option(
        "--collection", help="Which collections, repeatable; if not set, FOREBAY_COLLECTION."
    ),
]
Document = Annotated[
    str,
    typer.Option("--document", help="Read this one whole: its source, as a search shows it."),
]
Limit = Annotated[int | None, typer.Option("--limit", min=1, max=100, help="How many passages.")]
FilterText = Annotated[
    str | None,
    typer.Option("--filter", help='Conditions as JSON, for example \'{"year": {"gte": 2024}}\'.'),
]
BoostText = Annotated[
    str | None,
    typer.Option(
        "--boost",
        help='What is preferred, as JSON, for example \'{"decay": {"field": "date", '
        '"half_life_days": 90, "weight": 0.3}}\'.',
    ),
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


def read_boosts(text: str | None) -> "Boosts | None":
    from domain.boost_json import boosts_from_json

    if text is None:
        return None
    try:
        return boosts_from_json(json.loads(text))
    except json.JSONDecodeError as error:
        raise InvalidInput(f"--boost is not JSON: {error}.", field="boost") from error
