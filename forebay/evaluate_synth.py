"""`forebay eval synth`: questions with gold spans from a collection, for who has no labels."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from domain.counted import counted
from forebay import options
from forebay.consent import consent
from forebay.reach import reach

if TYPE_CHECKING:
    from eval.synth import Synthesis
    from wiring.settings import Settings

_PASSAGE = 900  # tokens of a prompt with a passage of usual length
_CALLS = 3  # for a passage: to write two questions, and to check each


def synth(
    out: Annotated[Path, typer.Option("--out", help="A new folder for the data set.")],
    questions: Annotated[int, typer.Option("--questions", min=1, help="How many.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Another one draws other passages.")] = 0,
    offline: Annotated[
        bool, typer.Option("--offline", help="Without a model: from headings and definitions.")
    ] = False,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Make questions with gold spans from a collection, to measure it by."""
    from forebay.evaluate_folder import new_folder
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    settings = settings.model_copy(
        update={
            "tenant": tenant or settings.tenant,
            "collection": collection or settings.collection,
        }
    )
    if not offline:
        consent(lambda: _cost(settings, questions), yes=yes, as_json=as_json)
    new_folder(out)
    console = Console(stderr=True, quiet=as_json)
    done = asyncio.run(_synth(settings, out, questions, seed, console, offline=offline))
    if as_json:
        print(to_json(done).decode())
    else:
        _show(Console(), done, questions)
    if not done.questions:
        raise typer.Exit(1)


def _cost(settings: Settings, questions: int) -> None:
    from answering.examine import likely_usage
    from eval.synth import passages_for
    from wiring.examiner import accept_cost, need_model

    need_model(settings)
    calls = _CALLS * passages_for(questions)
    usage = likely_usage(calls * _PASSAGE, calls)
    accept_cost(settings, usage, f"Writing {counted(questions, 'question')}")


async def _synth(
    settings: Settings, out: Path, questions: int, seed: int, console: Console, *, offline: bool
) -> Synthesis:
    from eval import synth, synth_offline, synth_passages
    from wiring.examiner import open_examiner

    sieve = synth.Sieve(questions)
    async with reach(settings, "forebay eval synth") as forebay:
        name, tenant = settings.collection, settings.tenant
        with (out / "corpus.jsonl").open("wb") as file:
            async with aclosing(forebay.export(name, tenant, "documents")) as lines:
                documents = await synth_passages.write_corpus(lines, file)
        async with aclosing(forebay.export(name, tenant, "chunks")) as lines:
            found = synth_passages.passages(lines)
            if offline:
                for one in await synth_offline.offline(found, seed):
                    sieve.take(one)
            else:
                drawn = await synth_passages.drawn(found, questions, seed)
    if not offline:
        async with open_examiner(settings, settings.tenant) as examiner:
            await synth.from_model(
                drawn[: synth.passages_for(questions)],
                sieve,
                examiner,
                lambda done: console.print(f"{done} of {questions:,} questions", highlight=False),
            )
    return synth.save(out, sieve, documents, seed)


def _show(console: Console, done: Synthesis, wanted: int) -> None:
    console.print(
        f"{counted(done.questions, 'question')} about {counted(done.documents, 'document')} "
        f"in {done.out}",
        highlight=False,
        soft_wrap=True,
    )
    for title, figures in (("made by", done.made_by), ("left out", done.dropped)):
        for what, number in figures.items():
            console.print(f"  {title} {what}: {number}", highlight=False)
    if done.questions < wanted:
        console.print(f"{wanted:,} were wanted; no more came through the filters.", highlight=False)
    if done.questions:
        console.print(f"Measure: forebay eval run {done.out}", highlight=False, soft_wrap=True)
