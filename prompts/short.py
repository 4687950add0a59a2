"""Says that a prefix is too short to be cached, by how much, and what helps.

Knows no vendor: what a model wants is given. Nothing of what is pinned: that is a collection's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.ports import TokenCounter
from prompts.plan import Boundary
from prompts.prefix import prefix, rendered
from prompts.sets import Library

_MOST = 0.99  # share of the questions, beyond which a longer set never pays


@dataclass(frozen=True, slots=True)
class Needs:
    """What a model's cache wants and costs."""

    model: str
    least: int  # tokens below which it caches nothing
    miss: float = 1.0  # cost of a token that is not found: 1, or more where writing costs


def shortfall(version: str, library: Library, tokens: TokenCounter, needs: Needs) -> str:
    """Empty when it is long enough."""
    length = length_of(version, library, tokens)
    if length >= needs.least:
        return ""
    ways = (
        f"Pin {needs.least - length:,} tokens or more of what most questions need",
        "ask in sessions, whose earlier turns count as well",
        *_longer(version, length, library, tokens, needs),
    )
    return (
        f"The prefix of {version} has {length:,} tokens, and {needs.model} caches nothing below "
        f"{needs.least:,}: with nothing pinned, the first question of a session is paid in full. "
        f"{'; '.join(ways)}. `forebay prompts plan` says what is worth pinning."
    )


def length_of(version: str, library: Library, tokens: TokenCounter) -> int:
    made = prefix(library.read(version))
    return sum(tokens.count(block.text) for block in rendered(made))


def pays_from(short: int, long: int, boundary: Boundary) -> float:
    """The share of the questions that have to find a prefix of `long` tokens in the cache, so that
    it costs less than one of `short` tokens that is never cached. Above 1: it never does.
    """
    return (boundary.miss - short / long) / (boundary.miss - boundary.read)


def _longer(
    version: str, length: int, library: Library, tokens: TokenCounter, needs: Needs
) -> Iterator[str]:
    """The next longer set of the same name, where it may pay."""
    name = version.rsplit("/", 1)[0]
    others = [one for one in library.versions() if one.rsplit("/", 1)[0] == name]
    lengths = {one: length_of(one, library, tokens) for one in others}
    fitting = sorted((long, one) for one, long in lengths.items() if long >= needs.least)
    for long, one in fitting[:1]:
        share = pays_from(length, long, Boundary(long, needs.least, 1.0, needs.miss))
        if share <= _MOST:
            yield (
                f"take {one} ({long:,} tokens; FOREBAY_PROMPT__VERSION), which costs less where "
                f"{share:.0%} of the questions find it in the cache"
            )
