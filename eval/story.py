"""What a report tells: results by system and set, and one system against another.

Arranges; draws nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.chart import Series
from eval.compare import MeasureChange, Pair, measure_changes, same_questions
from eval.measures import MAIN
from eval.result import Result


@dataclass(frozen=True, slots=True)
class Story:
    results: Mapping[str, Mapping[str, Result]]  # config → set
    ours: str
    against: str

    @property
    def sets(self) -> list[str]:
        return sorted({name for own in self.results.values() for name in own})

    @property
    def series(self) -> list[Series]:
        return [
            Series(config, number, config == self.ours)
            for number, config in enumerate(self.results)
        ]

    @property
    def pairs(self) -> list[Pair]:
        before, after = self.results[self.against], self.results[self.ours]
        common = [name for name in self.sets if name in before and name in after]
        return [] if before is after else [(before[name], after[name]) for name in common]

    @property
    def change(self) -> MeasureChange | None:
        """From the other to ours, over all sets, each counting alike."""
        return main_change(self.pairs) if self.pairs else None

    def rows(self, measure: str) -> dict[str, dict[Series, float]]:
        """By set, of the systems that have it."""
        found = {
            name: {
                series: self.results[series.name][name].measures[measure]
                for series in self.series
                if name in self.results[series.name]
                and measure in self.results[series.name][name].measures
            }
            for name in self.sets
        }
        return {name: row for name, row in found.items() if row}


def story(results: Sequence[Result], ours: str, against: str) -> Story:
    """Ours first. A system that was not measured gives its place to one that was."""
    same_questions(results)
    configs = sorted({result.config for result in results})
    ours = ours if ours in configs else configs[0]
    against = against if against in configs else next((c for c in configs if c != ours), ours)
    return Story(
        {
            config: {result.data: result for result in results if result.config == config}
            for config in dict.fromkeys((ours, against, *configs))
        },
        ours,
        against,
    )


def main_change(pairs: Sequence[Pair]) -> MeasureChange:
    return next(one for one in measure_changes(pairs) if one.measure == MAIN)
