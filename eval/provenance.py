"""Which program, commit, models and settings a figure comes from."""

import subprocess
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from domain.records import CollectionRecord
from domain.version import VERSION
from eval.result import Made
from wiring.configs import search_config
from wiring.services import Services

_HERE = Path(__file__).parent


def made(settings: dict[str, str]) -> Made:
    return Made(at=now(), version=VERSION, commit=commit(), settings=settings)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def commit() -> str:
    """Of this checkout, with a + when files differ from it; empty when it is none."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return f"{head}+" if head and _git("status", "--porcelain", "--untracked-files=no") else head


def settings_of(
    services: Services, config: str, collection: CollectionRecord, depth: int
) -> dict[str, str]:
    """By dotted name, as text: two runs are compared by it, nothing is set from it."""
    search = search_config(services.settings, config)
    named = {f"search.{field.name}": str(getattr(search, field.name)) for field in fields(search)}
    space = services.embedder.space
    return named | {
        "search.context_tokens": str(services.settings.search.context_tokens),
        "chunk.max_tokens": str(collection.max_tokens),
        "chunk.overlap": str(collection.overlap),
        "embed.model": space.model,
        "embed.dimensions": str(space.dimensions),
        "embed.space": space.id,
        "chat.model": services.chat.name,
        "prompt": services.settings.prompt.version,
        "eval.depth": str(depth),
    }


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  our own words only
            ["git", "-C", str(_HERE), *arguments],  # noqa: S607  git is found as everywhere
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
