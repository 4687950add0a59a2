"""Several calls of a model that make one answer."""

from collections.abc import Sequence
from dataclasses import astuple, replace

from domain.completion import Completion, Usage


def total(completions: Sequence[Completion]) -> Completion:
    """The last one, with what all of them used, cost and had to say."""
    usages = zip(*(astuple(one.usage) for one in completions), strict=True)
    return replace(
        completions[-1],
        usage=Usage(*map(sum, usages)),
        cost_microdollars=sum(one.cost_microdollars for one in completions),
        retries=sum(one.retries for one in completions),
        notes=tuple(dict.fromkeys(note for one in completions for note in one.notes)),
    )
