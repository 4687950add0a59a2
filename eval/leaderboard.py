"""eval/LEADERBOARD.md: every system on every set, what lost, and whether it is chance.

Writes between its two markers and leaves the rest of the file to people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InvalidInput
from eval.compare import MeasureChange, measure_changes, same_questions
from eval.measures import MAIN
from eval.result import Result

START, END = "<!-- leaderboard -->", "<!-- /leaderboard -->"
OURS = "default"
LEGS = ("bm25", "dense")
_EASY = 0.90  # a set whose better leg is above it cannot rank systems
_NEW = f"# Leaderboard\n\nWritten by `forebay eval leaderboard`.\n\n{START}\n{END}\n"


@dataclass(frozen=True, slots=True)
class System:
    config: str
    scores: Mapping[str, float]  # by set
    mean: float | None  # None: it was not run on every set
    wins: int  # sets on which no other is better
    change: MeasureChange | None  # from the baseline, over all sets together


@dataclass(frozen=True, slots=True)
class Standings:
    sets: Mapping[str, int]  # questions
    systems: tuple[System, ...]  # best first
    against: str
    margins: Mapping[str, float]  # ours above the better leg, by set
    made: tuple[str, ...]  # version, commit and embedder of what was measured

    def of(self, config: str) -> System | None:
        return next((system for system in self.systems if system.config == config), None)


def standings(results: Sequence[Result], against: str = "rrf") -> Standings:
    same_questions(results)
    by_config: dict[str, dict[str, Result]] = {}
    for result in results:
        by_config.setdefault(result.config, {})[result.data] = result
    sets = {result.data: len(result.asked) for result in sorted(results, key=lambda one: one.data)}
    scores = {
        config: {name: own[name].measures[MAIN] for name in sets if name in own}
        for config, own in by_config.items()
    }
    systems = [
        System(
            config=config,
            scores=own,
            mean=sum(own.values()) / len(sets) if len(own) == len(sets) else None,
            wins=sum(own[name] == max(_on(scores, name)) for name in own),
            change=_change(by_config.get(against, {}), by_config[config]),
        )
        for config, own in scores.items()
    ]
    return Standings(
        sets=sets,
        systems=tuple(sorted(systems, key=lambda one: -(one.mean or 0.0))),
        against=against,
        margins=_margins(scores),
        made=tuple(sorted({_made(result) for result in results})),
    )


def write(found: Standings, path: Path) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else _NEW
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise InvalidInput(f"{path} lacks the lines {START} and {END}: put them in.", field="out")
    table = "\n".join(lines(found))
    path.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


def lines(found: Standings) -> Iterator[str]:
    """Markdown."""
    names = list(found.sets)
    yield f"{MAIN}. **Best of a set**; ↓ below the better of {' and '.join(LEGS)} alone."
    yield ""
    yield _row("", *names, "mean", "sets won", f"against `{found.against}`, p")
    yield _row("---", *("---:" for _ in range(len(names) + 3)))
    for system in found.systems:
        yield _row(
            f"`{system.config}`",
            *(_cell(found, system, name) for name in names),
            _figure(system.mean),
            str(system.wins),
            _against(system),
        )
    if found.margins:
        margins = (_margin(found.margins.get(name)) for name in names)
        yield _row(f"`{OURS}` – better leg", *margins, "", "", "")
    yield _row("questions", *(f"{number:,}" for number in found.sets.values()), "", "", "")
    yield ""
    yield from _verdict(found)
    yield f"Measured with {'; '.join(found.made)}."


def _verdict(found: Standings) -> Iterator[str]:
    ours = found.of(OURS)
    if ours is None or not found.margins:
        return
    lost = [name for name, margin in found.margins.items() if margin < 0]
    hard = [name for name in found.margins if ours.scores[name] - found.margins[name] < _EASY]
    if lost:
        yield f"**`{OURS}` loses to its better leg on {', '.join(lost)}.**"
    else:
        yield f"`{OURS}` is nowhere below its better leg."
    if hard:
        leg = sum(ours.scores[name] - found.margins[name] for name in hard)
        gain = sum(found.margins[name] for name in hard) / leg
        yield (
            f"Where the better leg is below {_EASY:.2f} ({', '.join(hard)}), its mean is "
            f"{gain:+.1%} of that leg's."
        )
    yield (
        "The p is that of a paired randomisation test over all questions, stratified by set, "
        "each set counting alike."
    )


def _margins(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    ours = scores.get(OURS, {})
    legs = {
        name: [scores[leg][name] for leg in LEGS if name in scores.get(leg, {})] for name in ours
    }
    return {name: ours[name] - max(own) for name, own in legs.items() if len(own) == len(LEGS)}


def _change(before: Mapping[str, Result], after: Mapping[str, Result]) -> MeasureChange | None:
    found = [(before[name], after[name]) for name in sorted(before.keys() & after.keys())]
    if before is after or not found:
        return None
    return next(one for one in measure_changes(found) if one.measure == MAIN)


def _on(scores: Mapping[str, Mapping[str, float]], name: str) -> list[float]:
    return [own[name] for own in scores.values() if name in own]


def _made(result: Result) -> str:
    made = result.made
    embedder = made.settings.get("embed.model")
    parts = (f"Forebay {made.version}", made.commit and f"commit {made.commit}", embedder)
    return ", ".join(part for part in parts if part)


def _cell(found: Standings, system: System, name: str) -> str:
    score = system.scores.get(name)
    if score is None:
        return "–"
    legs = [own.scores.get(name, 0.0) for own in found.systems if own.config in LEGS]
    text = f"{score:.4f}"
    if score == max(own.scores.get(name, 0.0) for own in found.systems):
        text = f"**{text}**"
    lost = system.config not in LEGS and legs and score < max(legs)
    return f"{text} ↓" if lost else text


def _against(system: System) -> str:
    if system.change is None:
        return "–"
    return f"{system.change.change.mean:+.4f}, {system.change.change.p:.4f}"


def _margin(value: float | None) -> str:
    if value is None:
        return "–"
    return f"**{value:+.4f} ↓**" if value < 0 else f"{value:+.4f}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
