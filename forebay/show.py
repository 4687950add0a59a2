"""How answers and hits look on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from domain.answers import Answer, Citation, SearchResult, StageTime

_QUOTE = 240  # characters of a passage that a list shows


def footnotes(console: Console, answer: Answer) -> None:
    """What stands under an answer: its citations, what it cost, where the time went."""
    console.print()
    for citation in answer.citations:
        console.print(f"[bold]\\[{citation.label}][/] {escape(_place(citation))}", highlight=False)
        console.print(Padding(f"[dim]“{escape(_short(citation.quote))}”[/]", (0, 0, 0, 4)))
    console.print(f"\n[dim]{_account(answer)}\n{_times(answer.times)}[/]", highlight=False)


def hits(console: Console, result: SearchResult) -> None:
    if not result.hits:
        console.print("Nothing found.")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("#", "score", "dense", "bm25"):
        table.add_column(name, justify="right")
    table.add_column("passage")
    for rank, hit in enumerate(result.hits, start=1):
        legs = [
            f"{found.rank} ({found.score:.2f})" if (found := hit.found_by.get(leg)) else "–"
            for leg in ("dense", "bm25")
        ]
        page = f", page {hit.chunk.page}" if hit.chunk.page else ""
        place = f"[bold]{escape(hit.chunk.source)}[/] {escape(hit.chunk.where)}{page}"
        table.add_row(
            str(rank), f"{hit.score:.3f}", *legs, f"{place}\n{escape(_short(hit.chunk.text))}"
        )
    console.print(table, highlight=False)
    console.print(f"[dim]{_times(result.times)}[/]", highlight=False)


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
    passages = f"{len(answer.shown)} passages shown, {len(answer.dropped)} dropped"
    return f"{answer.model} · {tokens} · {cost} · {passages} · {answer.prompt_version}"


def _times(times: tuple[StageTime, ...]) -> str:
    parts = [f"{time.stage} {time.seconds * 1000:.1f} ms" for time in times]
    return " · ".join((*parts, f"total {sum(t.seconds for t in times) * 1000:.1f} ms"))
