"""`forebay eval sample`: kept questions of production, with what several systems find for them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from domain.counted import counted
from domain.errors import InvalidInput, NotFound
from forebay import options
from forebay.reach import Forebay, reach
from retrieval.configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.hits import Hit
    from domain.traces import Trace
    from eval.sample import Drawn, Sampled
    from wiring.settings import Settings


def sample(
    out: Annotated[
        Path | None, typer.Option("--out", help="A new folder for the data set.")
    ] = None,
    questions: Annotated[int, typer.Option("--questions", min=1, help="At most so many.")] = 100,
    pool: Annotated[
        list[str] | None,
        typer.Option("--pool", help=f"Whose finds are judged. Repeatable: {', '.join(CONFIGS)}."),
    ] = None,
    depth: Annotated[int, typer.Option(min=1, max=100, help="Passages of each.")] = 10,
    seed: Annotated[int, typer.Option("--seed", help="Another one draws other questions.")] = 0,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove the tenant's kept questions instead.")
    ] = False,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """Draw kept questions (FOREBAY_SAMPLE__SHARE) and what is found for them, to be judged."""
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
    if forget:
        gone = asyncio.run(_forget(settings))
        print(f"{counted(gone, 'question')} of tenant '{settings.tenant}' forgotten.")
        return
    if out is None:
        raise InvalidInput("Name a new folder with --out.", field="out")
    drawn = asyncio.run(_draw(settings, questions, seed))
    new_folder(out)
    done = asyncio.run(_sample(settings, out, drawn, tuple(pool or ("default", "bm25")), depth))
    if as_json:
        print(to_json(done).decode())
    else:
        _show(Console(), done)


async def _forget(settings: Settings) -> int:
    from wiring.state.database import open_state

    async with open_state(settings.database_url) as state:
        return await state.traces.forget_tenant(settings.tenant)


async def _draw(settings: Settings, questions: int, seed: int) -> Drawn:
    from eval.sample import draw
    from wiring.state.database import open_state

    async with open_state(settings.database_url) as state:
        kept = await state.traces.of(settings.tenant, settings.collection)
    if not kept:
        raise NotFound(
            f"No question of tenant '{settings.tenant}' about '{settings.collection}' was kept. "
            "Set FOREBAY_SAMPLE__SHARE where the service runs, 0.05 for one in twenty: what people "
            "ask is kept then, for FOREBAY_SAMPLE__DAYS."
        )
    return draw(kept, questions, seed)


async def _sample(
    settings: Settings, out: Path, drawn: Drawn, pool: Sequence[str], depth: int
) -> Sampled:
    from eval import sample
    from eval.synth_passages import write_corpus
    from wiring.codec import to_json

    pools: dict[Trace, Sequence[Hit]] = {}
    async with reach(settings, "forebay eval sample") as forebay:
        for trace in drawn.traces:
            found = [await _found(forebay, trace, config, depth) for config in pool]
            pools[trace] = sample.pooled(found, depth)
        lines = forebay.export(settings.collection, settings.tenant, "documents")
        async with aclosing(lines):
            with (out / "corpus.jsonl").open("wb") as file:
                documents = await write_corpus(lines, file)
    sample.write(out, pools)
    done = sample.Sampled(
        out=str(out),
        questions=len(pools),
        passages=sum(map(len, pools.values())),
        documents=documents,
        kept=drawn.kept,
        again=drawn.again,
        kept_found=drawn.found,
        drawn_found=sum(trace.found for trace in drawn.traces),
        pooled=tuple(pool),
        depth=depth,
    )
    (out / "sample.json").write_bytes(to_json(done))
    return done


async def _found(forebay: Forebay, trace: Trace, config: str, depth: int) -> Sequence[Hit]:
    from answering.question import Question
    from wiring.choices import AS_SET

    question = Question(
        trace.question, trace.tenant, trace.collection, where=trace.where, limit=depth
    )
    return (await forebay.search(question, config, AS_SET)).hits


def _show(console: Console, done: Sampled) -> None:
    console.print(
        f"{counted(done.questions, 'question')} of {done.kept:,} kept ({done.drawn_found} were "
        f"answered; {done.again:,} that read alike are left out), "
        f"{counted(done.passages, 'passage')} of {', '.join(done.pooled)} in {done.out}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"Judge: forebay eval label {done.out}", highlight=False, soft_wrap=True)
