"""`forebay serve`: runs `api/` until it is told to stop."""

import asyncio
import json
from typing import Annotated

import typer

from forebay import options


def command(
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes that answer, for FOREBAY_API__WORKERS."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Answer over HTTP until Ctrl-C."""
    import uvloop
    from rich.console import Console

    from api.serve import serve
    from api.workers import serve_by_several
    from wiring.settings import read_settings

    settings = read_settings()
    if workers is not None:
        api = settings.api.model_copy(update={"workers": workers})
        settings = settings.model_copy(update={"api": api})
    console = Console(stderr=True, highlight=False, quiet=as_json)

    def ready(url: str, keyless: bool) -> None:
        console.print(f"Forebay listens on [bold]{url}[/] ({url}/openapi.json). Ctrl-C ends it.")
        if keyless:
            console.print(
                "[bold yellow]It asks for no key:[/] every program on this machine may ask, upload "
                "and delete. `forebay keys create NAME --scope admin` makes the first one."
            )
        if as_json:
            print(json.dumps({"url": url}), flush=True)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        how = serve_by_several if settings.api.workers > 1 else serve
        runner.run(how(settings, ready))
    console.print("Stopped.")
