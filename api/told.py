"""An answer as it is told: with links to what it cites, whole, or event by event.

retrieval, then delta… with each citation as soon as its marker is whole, usage, and done or error;
`progress` before them, of a strategy that takes its time.
"""

from contextlib import aclosing
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from answering.question import Advance, Event, Retrieved
from api import problems
from api.access import IN_ROOM
from api.asked import Asked
from domain.answers import Answer, Citation, StageTime
from domain.completion import CacheOutcome, Delta, Usage
from domain.errors import ForebayError
from wiring.codec import from_json, to_json
from wiring.live import Events
from wiring.services import Services

_NAMES: dict[type[Event], str] = {
    Advance: "progress",
    Retrieved: "retrieval",
    Delta: "delta",
    Citation: "citation",
}
BROKEN = bytes(
    problems.problem(
        503, "Unavailable", "The answer broke off here. Ask again; nothing of it was kept."
    ).body
)


@dataclass(frozen=True, slots=True)
class Used:
    usage: Usage
    cost_microdollars: int
    times: tuple[StageTime, ...]
    cache: CacheOutcome | None


@dataclass(frozen=True, slots=True)
class Failed:
    """In the place of a result: the problem with that question."""

    title: str
    status: int
    detail: str


def failed(error: ForebayError) -> Failed:
    return from_json(Failed, bytes(problems.of(error).body))


def linked(answer: Answer) -> Answer:
    session = answer.session and own_name(answer.session)
    return replace(answer, citations=tuple(map(link, answer.citations)), session=session)


def own_name(session: str) -> str:
    """As its owner calls it."""
    return session.rpartition(IN_ROOM)[2]


def link(citation: Citation) -> Citation:
    """Where its words stand, as this service reads them out."""
    where = {"collection": citation.collection, "start": citation.start, "end": citation.end}
    place = f"/v1/documents/{quote(citation.document_id, safe='')}/text"
    asked = urlencode({name: value for name, value in where.items() if value != ""})
    return replace(citation, link=f"{place}?{asked}")


async def answered(asked: Asked, services: Services) -> Answer:
    return linked(await services.ask(asked.question, asked.config, asked.choices))


async def events(asked: Asked, services: Services) -> Events:
    try:
        stream = services.stream(asked.question, asked.config, asked.choices)
        async with aclosing(stream) as steps:
            async for step in steps:
                for event in _told(step):
                    yield event
    except ForebayError as error:
        yield "error", bytes(problems.of(error).body)


async def again(answer: Answer) -> Events:
    """The events of an answer that was given before."""
    shown = Retrieved(answer.id, answer.shown, answer.dropped, answer.pinned)
    steps: tuple[Event, ...] = (shown, Delta(answer.text), *answer.citations, answer)
    for step in steps:
        for event in _told(step):
            yield event


def _told(step: Event) -> list[tuple[str, bytes]]:
    if isinstance(step, Answer):
        used = Used(step.usage, step.cost_microdollars, step.times, step.cache)
        return [("usage", to_json(used)), ("done", to_json(linked(step)))]
    if isinstance(step, Citation):
        step = link(step)
    return [(_NAMES[type(step)], to_json(step))]
