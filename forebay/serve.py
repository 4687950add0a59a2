"""`forebay serve`: runs `api/` until it is told to stop."""

import asyncio

from rich.console import Console

from wiring.settings import read_settings


def command() -> None:
    """Answer over HTTP until Ctrl-C."""
    from api.serve import serve

    settings = read_settings()
    console = Console(stderr=True, highlight=False)

    def ready(url: str) -> None:
        keyless = "" if settings.api.key else ", without a key: only from this machine"
        console.print(
            f"Forebay listens on [bold]{url}[/] ({url}/openapi.json{keyless}). Ctrl-C ends it."
        )

    asyncio.run(serve(settings, ready))
    console.print("Stopped.")
