"""A question that was asked in production and is kept, so that it can be judged.

It holds what a person wrote: who asks for it must have a reason to, and it goes after some days.
"""

from dataclasses import dataclass

from domain.filters import Filter


@dataclass(frozen=True, slots=True)
class Trace:
    id: str  # the answer's
    at: str  # ISO 8601, UTC
    tenant: str
    collection: str
    question: str
    answer: str
    found: bool
    config: str  # the search config that found what was shown
    shown: tuple[str, ...] = ()  # ids of passages, in the order in which the model saw them
    where: Filter = ()
