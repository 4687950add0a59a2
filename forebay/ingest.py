"""`forebay ingest PATH…`: shows where an ingestion is, and what came of it.

Reads the arguments and says what is wrong with them; who ingests, and how, it does not know.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from time import strftime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from domain.errors import CostNotAccepted, InvalidInput
from domain.ingestion import STDIN, IngestReport, IngestRequest
from forebay import options
from forebay.consent import confirm

if TYPE_CHECKING:
    from rich.console import Console

    from wiring.settings import Settings

_DONE_WITH_FAILURES = 3
_STOPPED = "Interrupted. What was done stays done; the same command goes on from there."


@dataclass(frozen=True, slots=True)
class _Run:
    """Everything that one ingestion needs, again and again when it is watched."""

    settings: Settings
    request: IngestRequest
    root: str | None
    cluster: str | None
    console: Console
    report: Path | None
    as_json: bool


def command(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, quoted globs, a BEIR corpus.jsonl, or - for documents as JSONL "
            "on standard input."
        ),
    ],
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove documents that are gone from these paths.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Ingest everything anew beside the old, then swap.")
    ] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take over documents that came from another folder.")
    ] = False,
    chunk_tokens: Annotated[
        int | None,
        typer.Option("--chunk-tokens", min=32, max=8192, help="Longest chunk; kept for next time."),
    ] = None,
    chunk_overlap: Annotated[
        int | None,
        typer.Option("--chunk-overlap", min=0, help="Tokens that neighbouring chunks share."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the whole report there, as JSON.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept what embedding costs.")] = False,
    follow: Annotated[
        bool, typer.Option("--watch", help="Go on, and follow every change, until Ctrl-C.")
    ] = False,
    poll: Annotated[
        bool, typer.Option("--poll", help="With --watch: look for changes, on network drives.")
    ] = False,
    engine: Annotated[
        Literal["local", "ray"], typer.Option("--engine", help="Where parsing and embedding run.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", help="With --engine ray: a node's HOST:PORT, or auto."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Bring a collection in step with files: new, changed and, if asked, removed ones."""
    from rich.console import Console

    from forebay.report import check_writable
    from wiring.settings import read_settings

    _check(paths, dry_run=dry_run, follow=follow, poll=poll)
    cluster = _cluster(engine, address)
    if report:
        check_writable(report)
    settings = read_settings()
    with ExitStack() as stack:
        places, root = _places(paths, settings, stack)
        request = IngestRequest(
            paths=places,
            tenant=tenant or settings.tenant,
            collection=collection or settings.collection,
            prune=prune,
            dry_run=dry_run,
            rebuild=rebuild,
            adopt=adopt,
            max_tokens=chunk_tokens,
            overlap=chunk_overlap,
            accept_cost=yes,
        )
        console = Console(stderr=True, quiet=as_json)
        run = _Run(settings, request, root, cluster, console, report, as_json)
        try:
            done = _follow(run, poll=poll) if follow else _once(run)
        except KeyboardInterrupt as error:
            raise options.Interrupted(_STOPPED) from error
    raise typer.Exit(_DONE_WITH_FAILURES if done.failed else 0)


def _check(paths: list[str], *, dry_run: bool, follow: bool, poll: bool) -> None:
    if STDIN in paths and len(paths) > 1:
        raise InvalidInput(
            "'-' (standard input) stands alone: ingest the other paths in a run of their own.",
            field="paths",
        )
    if follow and (dry_run or STDIN in paths):
        what = "--dry-run" if dry_run else "'-' (standard input)"
        raise InvalidInput(f"--watch follows folders and files; leave {what} out.", field="watch")
    if poll and not follow:
        raise InvalidInput("--poll says how --watch looks; it means nothing alone.", field="poll")


def _cluster(engine: str, address: str | None) -> str | None:
    """Where Ray runs; None: it is not asked for."""
    if engine == "ray":
        return address or "local"
    if address:
        raise InvalidInput("--address is of a Ray cluster: add --engine ray.", field="address")
    return None


def _places(
    paths: list[str], settings: Settings, stack: ExitStack
) -> tuple[tuple[str, ...], str | None]:
    """Absolute, because a service has another working directory; and the root to name."""
    if paths != [STDIN]:
        return tuple(str(Path(path).absolute()) for path in paths), None
    from forebay.stdin import spooled

    return (str(stack.enter_context(spooled(settings.data))),), STDIN


def _once(run: _Run) -> IngestReport:
    from forebay import report

    try:
        done = asyncio.run(_ingest(run))
    except CostNotAccepted as error:
        confirm(error, as_json=run.as_json)
        run = replace(run, request=replace(run.request, accept_cost=True))
        done = asyncio.run(_ingest(run))
    if run.report:
        report.write(done, run.report)
    if run.as_json:
        print(report.as_json(done), flush=True)
    elif run.request.dry_run:
        report.plan(_stdout(), done, run.request.collection)
    else:
        report.show(run.console, done, run.request.collection)
    return done


async def _ingest(run: _Run) -> IngestReport:
    from forebay.progress import display
    from forebay.reach import reach

    with display(run.console) as listener:
        async with reach(run.settings, "forebay ingest", run.cluster) as forebay:
            return await forebay.ingest(run.request, root=run.root, on_progress=listener)


def _follow(run: _Run, *, poll: bool) -> IngestReport:
    """Once with all that a run says; from then on a line for each change."""
    from forebay.watch import watch

    request = replace(run.request, rebuild=False)
    follower = _Follower(replace(run, request=request), _once(run))
    follower.say(f"Watching {', '.join(request.paths)}. Ctrl-C ends it.")
    ignored = [run.settings.data, *filter(None, [run.report])]
    asyncio.run(watch(request.paths, follower.sync, follower.say, ignored=ignored, poll=poll))
    raise AssertionError("a watch ends by an interruption")


class _Follower:
    """Says of each sync what is new since the one before."""

    def __init__(self, run: _Run, first: IngestReport) -> None:
        self._run = run
        self._failed = _reasons(first)

    async def sync(self) -> None:
        from forebay import report

        done = await _ingest(self._run)
        before, self._failed = self._failed, _reasons(done)
        said = report.changes(done)
        if not said and self._failed == before:
            return
        if self._run.report:
            report.write(done, self._run.report)
        if self._run.as_json:
            print(report.as_json(done), flush=True)
            return
        for source, reason in sorted(self._failed - before):
            self.say(f"failed {source}: {reason}")
        if said:
            self.say(said)

    def say(self, line: str) -> None:
        from forebay.names import harmless

        print(f"{strftime('%H:%M:%S')} {harmless(line)}", file=sys.stderr, flush=True)


def _reasons(report: IngestReport) -> set[tuple[str, str]]:
    return {(outcome.source, outcome.reason) for outcome in report.failed}


def _stdout() -> Console:
    from rich.console import Console

    return Console()
