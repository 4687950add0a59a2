"""What is preferred beside what fits: the new, and what a filter describes.

The grammar of the JSON form stands in `domain/boost_json.py`.
"""

from dataclasses import dataclass

from domain.filters import Filter


@dataclass(frozen=True, slots=True)
class Decay:
    """Adds `weight` to what is of now, half of it to what is one half-life old, and so on."""

    field: str  # a date in the metadata
    half_life_days: float
    weight: float
    at: str = ""  # the date that counts as now; empty: the time of the question


@dataclass(frozen=True, slots=True)
class When:
    """Adds to every passage that the filter describes; less than 0 puts it back."""

    where: Filter
    add: float


Boost = Decay | When
Boosts = tuple[Boost, ...]
