"""`forebay prompts`: the sets that stand before the cache boundary, checked and compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options, prompts_pins, prompts_plan, prompts_show

if TYPE_CHECKING:
    from gateway.tokens import Tokens
    from prompts.lint import Finding
    from prompts.prefix import Change
    from wiring.settings import Settings

app = typer.Typer(help="What stands before the cache boundary.", no_args_is_help=True)
app.command("show")(prompts_show.command)
app.command("plan")(prompts_plan.command)
app.command("pin")(prompts_pins.pin)
app.command("unpin")(prompts_pins.unpin)
app.command("pins")(prompts_pins.pins)
app.command("promote")(prompts_pins.promote)
app.command("drop")(prompts_pins.drop)

_Version = Annotated[str, typer.Argument(help="A prompt set, for example answer/v1.")]
_LEVELS = {"error": "[bold red]error[/]", "warning": "[yellow]warning[/]"}


@dataclass(frozen=True, slots=True)
class Listed:
    version: str
    tokens: int
    fingerprint: str


@app.command("list")
def list_sets(as_json: options.Json = False) -> None:
    """The prompt sets that there are, with the tokens and the fingerprint of their prefix."""
    from rich.console import Console
    from rich.table import Table

    from prompts.prefix import fingerprint_of, prefix
    from prompts.short import length_of
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    tokens, library = _tokens(settings), settings.prompt.library
    rows = []
    for version in library.versions():
        made = prefix(library.read(version))
        length = length_of(version, library, tokens)
        rows.append(Listed(version, length, fingerprint_of(made)))
    if as_json:
        print(to_json(tuple(rows)).decode())
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("prompt set", "tokens", "fingerprint"):
        table.add_column(name, justify="right" if name == "tokens" else "left")
    for row in rows:
        used = " (in use)" if row.version == settings.prompt.version else ""
        table.add_row(f"{row.version}{used}", f"{row.tokens:,}", row.fingerprint)
    Console().print(table, highlight=False)


@app.command("lint")
def lint_sets(
    versions: Annotated[
        list[str] | None, typer.Argument(help="Prompt sets; if not named, the one in use.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Find what would not stay the same, or is too short to be cached. Ends with 1 on an error."""
    from prompts.lint import lint
    from wiring.codec import to_json
    from wiring.settings import read_settings
    from wiring.short import needs

    settings = read_settings()
    tokens, library = _tokens(settings), settings.prompt.library
    wants = [needs(settings)]
    wanted = versions or [settings.prompt.version]
    found = [one for version in wanted for one in lint(version, library, tokens, wants)]
    if as_json:
        print(to_json(tuple(found)).decode())
    else:
        _show_findings(found, wanted)
    if any(one.level == "error" for one in found):
        raise typer.Exit(1)


@app.command("diff")
def diff(before: _Version, after: _Version, as_json: options.Json = False) -> None:
    """How much of the cache survives when one set takes another's place."""
    from prompts.prefix import change, prefix
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    library = settings.prompt.library
    old, new = (prefix(library.read(version)) for version in (before, after))
    found = change(old, new, _tokens(settings))
    if as_json:
        print(to_json(found).decode())
    else:
        _show_change(found, before, after)


def _show_findings(found: list[Finding], versions: list[str]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    for one in found:
        place = f"[bold]{escape(one.where)}[/] {_LEVELS[one.level]} {one.rule}:"
        console.print(f"{place} {escape(one.says)}", highlight=False, soft_wrap=True)
    if not found:
        console.print(f"{', '.join(versions)}: nothing that would change.", highlight=False)


def _show_change(found: Change, before: str, after: str) -> None:
    from rich.console import Console

    share = found.kept / found.after if found.after else 1.0
    said = f"{before} ({found.before:,} tokens) → {after} ({found.after:,} tokens): "
    said += f"{found.kept:,} tokens, {share:.0%} of the new prefix, stay in the cache."
    if found.breaks:
        said += f" The first difference is in {found.breaks}."
    Console().print(said, highlight=False, soft_wrap=True)


def _tokens(settings: Settings) -> Tokens:
    from gateway.tokens import Tokens

    return Tokens(settings.data / "cache" / "tiktoken")
