"""`forebay export`: prints what a collection holds, one JSON object a line."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from domain.errors import InvalidInput
from forebay import options
from forebay.reach import reach

if TYPE_CHECKING:
    from wiring.export import ExportKind
    from wiring.settings import Settings


def command(
    collection: options.Collection = None,
    tenant: options.Tenant = None,
    chunks: Annotated[
        bool, typer.Option("--chunks", help="Its passages, each with its place in the document.")
    ] = False,
    documents: Annotated[
        bool, typer.Option("--documents", help="Its documents, as their text was read.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write to this file; if not set, print.")
    ] = None,
) -> None:
    """Print a collection's passages or documents as JSON lines."""
    if chunks == documents:
        raise InvalidInput("Say what to export: either --chunks or --documents.", field="chunks")
    from wiring.settings import read_settings

    settings = read_settings()
    collection, tenant = collection or settings.collection, tenant or settings.tenant
    kind: ExportKind = "chunks" if chunks else "documents"
    try:
        written = asyncio.run(_export(settings, collection, tenant, kind, output))
    except BrokenPipeError:  # `forebay export … | head`: the reader has had enough
        return
    if not written:
        print(f"Collection '{collection}' holds nothing of tenant '{tenant}'.", file=sys.stderr)


async def _export(
    settings: "Settings", collection: str, tenant: str, kind: "ExportKind", output: Path | None
) -> int:
    """How many bytes were written."""
    async with (
        reach(settings, "forebay export") as forebay,
        aclosing(forebay.export(collection, tenant, kind)) as lines,
    ):
        first = await anext(lines, b"")  # what is refused leaves a file as it was
        with _open(output) as file:
            return file.write(first) + sum([file.write(some) async for some in lines])


def _open(output: Path | None) -> BinaryIO:
    if output is None:
        return open(sys.stdout.fileno(), "wb", closefd=False)
    try:
        return output.open("wb")
    except OSError as error:
        raise InvalidInput(
            f"{output} cannot be written: {error.strerror}.", field="output"
        ) from error
