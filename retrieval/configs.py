"""How is searched: what a search takes beside its question, and the ways that have a name.

Kept apart from the search itself, so that who only lists their names loads nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from domain.boosts import Boosts
from domain.hits import Adaptive, Convex, Dbsf, Fusion, Leg, Rrf
from retrieval.must import Insist
from retrieval.rerank import RerankConfig


@dataclass(frozen=True, slots=True)
class Refinement:
    """What each sign adds, beside standardised scores. Chosen by cross-validation over data sets:
    see eval/LOG.md.
    """

    among: int = 30  # of the best candidates
    alike: float = 0.2
    named: float = 1.0
    asked: float = 0.5


@dataclass(frozen=True, slots=True)
class SearchConfig:
    limit: int = 8
    depth: int = 60  # candidates a leg
    fusion: Fusion = field(default_factory=Adaptive)
    legs: tuple[Leg, ...] = ("dense", "bm25")
    refinement: Refinement | None = None  # wants standardised scores of both legs
    insist: Insist = "prefer"  # on quoted phrases and codes
    rerank: RerankConfig | None = None
    boosts: Boosts = ()


DEFAULT = SearchConfig(refinement=Refinement())
CONFIGS: Mapping[str, SearchConfig] = MappingProxyType(
    {
        "default": DEFAULT,
        "dense": SearchConfig(legs=("dense",)),
        "bm25": SearchConfig(legs=("bm25",)),
        "sparse": SearchConfig(legs=("sparse",)),
        "rrf": SearchConfig(fusion=Rrf(k=60, dense_weight=0.5)),
        "dbsf": SearchConfig(fusion=Dbsf()),
        "convex": SearchConfig(fusion=Convex()),
        "adaptive": SearchConfig(fusion=Adaptive()),
        "refined": DEFAULT,
        "rerank": replace(DEFAULT, rerank=RerankConfig()),
    }
)
