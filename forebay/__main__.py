"""`forebay …`: puts the subcommands together and turns errors into one line and an exit code.

0 it worked, 1 it did not, 2 the command was used wrongly, 3 done but some documents failed,
130 interrupted.
"""

import sys
from collections.abc import Sequence

import typer

from domain.errors import ForebayError, InvalidInput
from domain.version import VERSION
from forebay import (
    api_keys,
    ask,
    backup,
    cache,
    cache_check,
    canary,
    costs,
    delete,
    doctor,
    evaluate,
    export,
    ingest,
    mcp,
    migrate,
    prompts,
    search,
    serve,
    sessions,
    warm,
)
from forebay.options import Interrupted

_INTERRUPTED = 130

app = typer.Typer(
    name="forebay",
    help="Answers questions from your own documents.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("ingest")(ingest.command)
app.command("delete")(delete.command)
app.command("export")(export.command)
app.command("ask")(ask.command)
app.command("search")(search.command)
app.command("serve")(serve.command)
app.add_typer(evaluate.app, name="eval")
app.add_typer(prompts.app, name="prompts")
app.add_typer(sessions.app, name="sessions")
app.command("cache")(cache.command)
app.command("cache-check")(cache_check.command)
app.command("costs")(costs.command)
app.command("canary")(canary.command)
app.command("warm")(warm.command)
app.add_typer(api_keys.app, name="keys")
app.command("mcp")(mcp.command)
app.command("backup")(backup.command)
app.command("restore")(backup.restore)
app.command("migrate")(migrate.command)
app.command("doctor")(doctor.command)


def _version(asked: bool) -> None:
    if asked:
        print(VERSION)
        raise typer.Exit


@app.callback()
def _options(
    _: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show it."),
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code; never a traceback for what Forebay foresees."""
    code: int | None = 0
    try:
        code = app(args=arguments, prog_name="forebay", standalone_mode=False)
    except typer.TyperException as error:
        if said := error.format_message():  # a command without arguments has shown its help
            _say(f"{said} `forebay --help` shows what there is.")
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except Interrupted as error:
        print(error, file=sys.stderr)
        return _INTERRUPTED
    except ForebayError as error:
        _say(str(error))
        code = 2 if isinstance(error, InvalidInput) else 1
    except BrokenPipeError:  # `forebay … | head`
        sys.stderr.close()
    if code == _INTERRUPTED:  # typer answers Ctrl-C with this code and no word
        print("Interrupted.", file=sys.stderr)
    return code or 0


def _say(text: str) -> None:
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True).print(
        f"[bold red]error:[/] {escape(text)}", highlight=False, soft_wrap=True
    )


if __name__ == "__main__":
    sys.exit(main())
