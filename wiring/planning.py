"""Which passages are worth standing before the boundary, and how sure that is.

What was shown comes from the counts, traffic and cache from the ledger, prices from the catalogue;
`prompts/plan.py` does the arithmetic. Changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from math import inf

from domain.completion import Account, ChatRequest
from domain.counted import counted
from domain.documents import Chunk
from domain.errors import Misconfigured, NotFound
from domain.ports import ChunkStore, TokenCounter
from domain.prompt import Evidence
from gateway.caching.plan import Planner, set_apart
from gateway.caching.replay import Replayed, replayed
from gateway.caching.rules import READ
from prompts.compose import compose
from prompts.passages import written
from prompts.plan import Boundary, Plan, Shown, plan, saving
from prompts.prefix import Prefix, prefix, rendered
from wiring.pins import Standing
from wiring.settings import Settings
from wiring.state.database import State
from wiring.state.ledger_cache import Prefixes, prefixes
from wiring.state.ledger_moments import moments
from wiring.state.shown import ShownOn
from wiring.tariff import Tariff, tariff

_SELDOM = 0.03  # share of the questions below which no passage pays
_MEASURED = 50  # calls whose cache tells more than the times at which they came
_ENDPOINT = "ask"
_A_THOUSAND = 1_000

_Replay = Callable[[float], Replayed]  # of the questions since a moment


@dataclass(frozen=True, slots=True)
class Worth:
    """A passage that is to stand before the boundary."""

    id: str
    source: str
    where: str
    tokens: int
    share: float  # of the questions that were shown it


@dataclass(frozen=True, slots=True)
class Planned:
    model: str
    version: str
    days: int
    questions: int
    hit: float  # share of the questions that find the prefix in the cache
    measured: bool  # by the ledger; else taken from the times at which questions came
    tokens: int  # of the prefix today, without what a plan pinned
    limit: int
    passages: tuple[Worth, ...]
    saves: float  # of what prefix and passages cost
    surely: float  # that much at least, with 95 % confidence
    microdollars: int  # that a thousand questions' prefixes and passages cost today
    held_out: float | None  # saved on the newer half by what the older half would have pinned
    held_out_questions: int = 0

    @property
    def pinned_tokens(self) -> int:
        return sum(one.tokens for one in self.passages)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a plan looks."""

    settings: Settings
    state: State
    store: ChunkStore
    tokens: TokenCounter


@dataclass(frozen=True, slots=True)
class _Shown:
    """What was shown on some days."""

    questions: int
    times: Counter[str]


async def planned(
    where: Seen, tenant: str, collection: str, standing: Sequence[Standing], *, days: int
) -> Planned:
    """`standing`: what is pinned today."""
    settings, it = where.settings, _cached(where.settings)
    since = datetime.now(UTC) - timedelta(days=days)
    rows = await where.state.shown.of(tenant, collection, f"{since:%Y-%m-%d}")
    seen = _seen(rows)
    if not seen.questions:
        raise NotFound(
            f"Nothing was asked of the collection '{collection}' in {counted(days, 'day')}. "
            "Plans are made from what was shown; ask first, or look further back with --days."
        )
    by_hand = [c for one in standing if not one.pin.planned for c in one.chunks]
    rules = settings.prompt.library.read(settings.prompt.version)
    chunks = await _candidates(where, tenant, collection, seen, {c.id for c in by_hand})
    longest, today = prefix(rules, [*by_hand, *chunks]), prefix(rules, by_hand)
    replay = await _replay(where, tenant, longest, seen.questions, since.isoformat())
    boundary, measured = await _boundary(where, tenant, today, replay(-inf), since.isoformat())
    sizes = {chunk.id: _tokens(chunk, where.tokens) for chunk in chunks}
    used = sum(_tokens(chunk, where.tokens) for chunk in by_hand)
    room = max(0, settings.prompt.pinned_tokens - used)
    whole = plan(_shown(seen, sizes), seen.questions, boundary, room)
    held_out, tried = _tried(rows, sizes, boundary, room, replay)
    return Planned(
        model=it.model,
        version=settings.prompt.version,
        days=days,
        questions=seen.questions,
        hit=boundary.found,
        measured=measured,
        tokens=boundary.tokens,
        limit=settings.prompt.pinned_tokens,
        passages=_worth(whole, chunks, seen.questions),
        saves=whole.saves,
        surely=1 - whole.surely / whole.before if whole.before else 0.0,
        microdollars=it.fresh(round(whole.before * _A_THOUSAND)),
        held_out=held_out,
        held_out_questions=tried,
    )


def _cached(settings: Settings) -> Tariff:
    found = tariff(settings)
    if found.rules.kind == "order":
        raise Misconfigured(
            f"No rules of a prompt cache are known for the model '{found.model}': what a prefix "
            "would save cannot be planned. Plan with a model of OpenAI, Anthropic or Gemini."
        )
    return found


def _tried(
    rows: Sequence[ShownOn], sizes: dict[str, int], boundary: Boundary, room: int, replay: _Replay
) -> tuple[float | None, int]:
    """What the older half's plan saves on the newer one, whose questions find in the cache what
    they would have found at their times; and how many questions that has.
    """
    older, newer, day = _halves(rows)
    if not (older.questions and newer.questions):
        return None, 0
    half = plan(_shown(older, sizes), older.questions, boundary, room)
    ids = {one.id for one in half.pinned}
    then = replay(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    if then.times:
        boundary = replace(boundary, hit=then.found, miss=then.miss)
    return saving(ids, _shown(newer, sizes), newer.questions, boundary), newer.questions


async def _candidates(
    where: Seen, tenant: str, collection: str, seen: _Shown, without: Collection[str]
) -> list[Chunk]:
    """Those that are shown often enough, and still there."""
    ids = [
        id_
        for id_, times in seen.times.items()
        if times >= _SELDOM * seen.questions and id_ not in without
    ]
    return list(await where.store.chunks(tenant, collection, ids))


async def _replay(where: Seen, tenant: str, of: Prefix, questions: int, since: str) -> _Replay:
    """Of this collection's questions: the tenant's went to several, each of which has its prefix,
    so that of the moments at which they came as many are taken as it had questions.
    """
    it, retention = _cached(where.settings), where.settings.cache.retention
    came = await moments(where.state.database, tenant, _ENDPOINT, since)
    number = min(questions, len(came))
    times = [came[n * len(came) // number].timestamp() for n in range(number)]
    request = ChatRequest(compose("", (), prefix=of), account=Account(tenant))
    planner = partial(Planner, retention=retention)
    return lambda since: replayed(times, request, planner(), it.rules, it.model, since)


async def _boundary(
    where: Seen, tenant: str, today: Prefix, replay: Replayed, since: str
) -> tuple[Boundary, bool]:
    """As it is today, and whether it was measured how often it is found."""
    it, version = _cached(where.settings), where.settings.prompt.version
    rules, database = it.rules, where.state.database
    found = await prefixes(database, tenant, _ENDPOINT, since, least=rules.least, step=rules.step)
    ours = [one for one in found if one.version.partition("+")[0] == version]
    shared = [one for one in ours if one.version == version] if _shared(where, it) else []
    own = _hit([one for one in ours if one not in shared])
    common = _hit(shared) if today.common else None
    boundary = Boundary(
        tokens=sum(where.tokens.count(block.text) for block in rendered(today)),
        least=rules.least,
        hit=replay.found if own is None else own,
        miss=replay.miss,
        read=_read(it),
        common=common or 0.0,
    )
    return boundary, (own if common is None else common) is not None


def _shared(where: Seen, it: Tariff) -> bool:
    """Whether other tenants' questions find the prompt set, too, where nothing is pinned."""
    settings = where.settings
    bare = compose("", (), prefix=prefix(settings.prompt.library.read(settings.prompt.version)))
    keys = it.rules.rate and not settings.cache.shared
    return not keys or bool(set_apart(bare, "", it.rules))


def _hit(rows: Sequence[Prefixes]) -> float | None:
    """None when too few calls tell."""
    if sum(one.calls for one in rows) < _MEASURED:
        return None
    return sum(one.found for one in rows) / sum(one.tokens for one in rows)


def _read(it: Tariff) -> float:
    """What a token from the cache costs beside plain input."""
    fresh = it.fresh(100_000)
    return it.read(100_000) / fresh if fresh else READ


def _seen(rows: Sequence[ShownOn]) -> _Shown:
    times: Counter[str] = Counter()
    for row in rows:
        times[row.chunk_id] += row.times
    return _Shown(times.pop("", 0), times)


def _halves(rows: Sequence[ShownOn]) -> tuple[_Shown, _Shown, str]:
    """By days, so that both have about as many questions; and the newer one's first day. One day
    is not divided.
    """
    asked = {row.day: row.times for row in rows if not row.chunk_id}
    days, half = sorted(asked), sum(asked.values()) / 2
    so_far = accumulate(asked[day] for day in days)
    older = next(number for number, times in enumerate(so_far, 1) if times >= half)
    first = days[min(older, len(days) - 1)]
    before = _seen([row for row in rows if row.day < first])
    return before, _seen([row for row in rows if row.day >= first]), first


def _shown(seen: _Shown, sizes: dict[str, int]) -> list[Shown]:
    return [Shown(id_, sizes[id_], seen.times[id_]) for id_ in sorted(sizes)]


def _tokens(chunk: Chunk, tokens: TokenCounter) -> int:
    return tokens.count(written([Evidence(1, chunk)])) + 1


def _worth(made: Plan, chunks: Sequence[Chunk], questions: int) -> tuple[Worth, ...]:
    by_id = {chunk.id: chunk for chunk in chunks}
    return tuple(
        Worth(one.id, by_id[one.id].source, by_id[one.id].where, one.tokens, one.times / questions)
        for one in made.pinned
    )
