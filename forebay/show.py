"""How answers and hits look on a terminal."""

from typing import get_args

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from domain.answers import Answer, Citation, SearchResult, StageTime
from domain.counted import counted
from domain.hits import Found, Hit, Leg

_QUOTE = 240  # characters of a passage that a list shows


def footnotes(console: Console, answer: Answer) -> None:
    """What stands under an answer: its citations, what it cost, where the time went."""
    console.print()
    for citation in answer.citations:
        console.print(f"[bold]\\[{citation.label}][/] {escape(_place(citation))}", highlight=False)
        console.print(Padding(f"[dim]“{escape(_short(citation.quote))}”[/]", (0, 0, 0, 4)))
    console.print(f"\n[dim]{_account(answer)}\n{_times(answer.times)}[/]", highlight=False)


def hits(console: Console, result: SearchResult, *, explain: bool = False) -> None:
    if not result.hits:
        console.print("Nothing found.")
    console.print(_ranking(result, explain=explain), highlight=False)
    for note in result.notes:
        console.print(escape(note), highlight=False)
    if explain:
        for one in result.dropped:
            steps = " · ".join(_steps(one.hit))
            reason = f"{escape(one.hit.chunk.source)}: {escape(one.reason)} ({steps})"
            console.print(f"[dim]{reason}[/]", highlight=False)
    console.print(f"[dim]{_times(result.times)}[/]", highlight=False)


def _ranking(result: SearchResult, *, explain: bool) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    legs = [leg for leg in get_args(Leg) if leg != "sparse" or _has(result, leg)]
    several = len({hit.collection for hit in result.hits}) > 1
    for name in ("#", "score", *legs, *(("steps",) if explain else ())):
        table.add_column(name, justify="right", no_wrap=name != "steps")
    table.add_column("passage")
    for rank, hit in enumerate(result.hits, start=1):
        page = f", page {hit.chunk.page}" if hit.chunk.page else ""
        collection = f"{escape(hit.collection)}: " if several else ""
        place = f"{collection}[bold]{escape(hit.chunk.source)}[/] {escape(hit.chunk.where)}{page}"
        table.add_row(
            str(rank),
            f"{hit.score:.3f}",
            *(_found(hit.found_by.get(leg)) for leg in legs),
            *(("\n".join(_steps(hit, legs=False)) or "–",) if explain else ()),
            f"{place}\n{escape(_short(hit.chunk.text))}",
        )
    return table


def _has(result: SearchResult, leg: Leg) -> bool:
    return any(leg in hit.found_by for hit in result.hits)


def _steps(hit: Hit, *, legs: bool = True) -> list[str]:
    """What each step of the ranking thought of it, in their order."""
    steps = [f"{leg} {_found(found)}" for leg, found in hit.found_by.items() if legs]
    if hit.fused:
        steps.append(f"fused {_found(hit.fused)}")
    steps += [f"{name} {gain:+.2f}" for name, gain in hit.signals.items()]
    if hit.reranked:
        steps.append(f"reranked {_found(hit.reranked)}")
    return steps


def _found(found: Found | None) -> str:
    return f"{found.rank} ({found.score:.2f})" if found else "–"


def _place(citation: Citation) -> str:
    path = dict.fromkeys((citation.title, *citation.headings))
    page = f", page {citation.page}" if citation.page else ""
    return f"{citation.source} — {' › '.join(part for part in path if part)}{page}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTE else f"{line[:_QUOTE].rsplit(' ', 1)[0]} …"


def _account(answer: Answer) -> str:
    usage = answer.usage
    tokens = f"{usage.input:,} tokens in ({usage.cached:,} cached), {usage.output:,} out"
    cost = f"${answer.cost_microdollars / 1_000_000:.6f}"
    passages = f"{counted(len(answer.shown), 'passage')} shown, {len(answer.dropped)} dropped"
    said = f"{answer.model} · {tokens} · {cost} · {passages} · {answer.prompt_version}"
    if answer.routed:
        said += f"\ntier {answer.routed.tier}: {escape(answer.routed.why)}"
    if answer.arm:
        said += f"\ntrial: {answer.arm}"
    if answer.outcome and answer.outcome != "parsed":
        said += f"\n{answer.outcome}: {escape(answer.fault or 'see the text')}"
    return said


def _times(times: tuple[StageTime, ...]) -> str:
    parts = [f"{time.stage} {time.seconds * 1000:.1f} ms" for time in times]
    return " · ".join((*parts, f"total {sum(t.seconds for t in times) * 1000:.1f} ms"))
