"""Which passages are worth standing before the boundary, and how sure that is.

What was shown comes from the counts, traffic and cache from the ledger, prices from the catalogue;
`prompts/plan.py` does the arithmetic. Changes nothing.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from domain.documents import Chunk
from domain.errors import Misconfigured, NotFound
from domain.ports import ChunkStore, TokenCounter
from domain.prompt import Evidence
from gateway.caching.plan import set_apart
from gateway.caching.rules import READ, CacheRules
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
_DAY = 86_400.0
_ENDPOINT = "ask"
_A_THOUSAND = 1_000


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
            f"Nothing was asked of the collection '{collection}' in {days} days. Plans are made "
            "from what was shown; ask first, or look further back with --days."
        )
    by_hand = [c for one in standing if not one.pin.planned for c in one.chunks]
    made = prefix(settings.prompt.library.read(settings.prompt.version), by_hand)
    boundary, measured = await _boundary(where, tenant, made, seen.questions, since.isoformat())
    chunks = await _candidates(where, tenant, collection, seen, {c.id for c in by_hand})
    sizes = {chunk.id: _tokens(chunk, where.tokens) for chunk in chunks}
    used = sum(_tokens(chunk, where.tokens) for chunk in by_hand)
    room = max(0, settings.prompt.pinned_tokens - used)
    whole = plan(_shown(seen, sizes), seen.questions, boundary, room)
    held_out, tried = _tried(rows, sizes, boundary, room)
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
    rows: Sequence[ShownOn], sizes: dict[str, int], boundary: Boundary, room: int
) -> tuple[float | None, int]:
    """What the older half's plan saves on the newer one, and how many questions that has."""
    older, newer = _halves(rows)
    if not (older.questions and newer.questions):
        return None, 0
    half = plan(_shown(older, sizes), older.questions, boundary, room)
    ids = {one.id for one in half.pinned}
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


async def _boundary(
    where: Seen, tenant: str, today: Prefix, questions: int, since: str
) -> tuple[Boundary, bool]:
    """As it is today, and whether it was measured how often it is found."""
    it, version = _cached(where.settings), where.settings.prompt.version
    rules, database = it.rules, where.state.database
    found = await prefixes(database, tenant, _ENDPOINT, since, least=rules.least, step=rules.step)
    ours = [one for one in found if one.version.partition("+")[0] == version]
    shared = [one for one in ours if one.version == version] if _shared(where, it) else []
    own = _hit([one for one in ours if one not in shared])
    common = _hit(shared) if today.common else None
    came = await moments(database, tenant, _ENDPOINT, since)
    # The tenant's questions went to several collections, and each has its prefix.
    thinned = max(1.0, len(came) / questions)
    hit, miss = _by_gaps([(b - a).total_seconds() * thinned for a, b in pairwise(came)], rules)
    boundary = Boundary(
        tokens=sum(where.tokens.count(block.text) for block in rendered(today)),
        least=rules.least,
        hit=hit if own is None else own,
        miss=miss,
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


def _by_gaps(gaps: Sequence[float], rules: CacheRules) -> tuple[float, float]:
    """With the life that is cheapest for this traffic."""
    lives = [(life.seconds, life.write) for life in rules.lives]
    if not lives:
        lives = [(_DAY if "24h" in rules.retentions else 300.0, 1.0)]
    hits = [(sum(gap < seconds for gap in gaps) / max(1, len(gaps)), w) for seconds, w in lives]
    return min(hits, key=lambda one: one[0] * READ + (1 - one[0]) * one[1])


def _read(it: Tariff) -> float:
    """What a token from the cache costs beside plain input."""
    fresh = it.fresh(100_000)
    return it.read(100_000) / fresh if fresh else READ


def _seen(rows: Sequence[ShownOn]) -> _Shown:
    times: Counter[str] = Counter()
    for row in rows:
        times[row.chunk_id] += row.times
    return _Shown(times.pop("", 0), times)


def _halves(rows: Sequence[ShownOn]) -> tuple[_Shown, _Shown]:
    """By days, so that both have about as many questions. One day is not divided."""
    asked = {row.day: row.times for row in rows if not row.chunk_id}
    older: set[str] = set()
    for day in sorted(asked)[:-1]:
        older.add(day)
        if sum(asked[one] for one in older) * 2 >= sum(asked.values()):
            break
    return _seen([r for r in rows if r.day in older]), _seen(
        [r for r in rows if r.day not in older]
    )


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
