"""Which fusion and which refinement the settings mean. Knows neither stores nor models."""

from dataclasses import replace

from domain.hits import Adaptive, Convex, Dbsf, Fusion, Rrf
from retrieval.configs import Refinement, SearchConfig
from wiring.settings_search import FusionSettings, RefineSettings


def tuned(config: SearchConfig, fusion: FusionSettings, refine: RefineSettings) -> SearchConfig:
    """The default as it is set; a config that names another way of ranking keeps its own."""
    if config.refinement is None:
        return config
    refined = fusion.method in {"adaptive", "convex"} and refine.among > 0
    return replace(
        config,
        fusion=_fusion(fusion),
        refinement=Refinement(**refine.model_dump()) if refined else None,
    )


def _fusion(wanted: FusionSettings) -> Fusion:
    if wanted.method == "adaptive":
        return Adaptive(wanted.sharp, wanted.flat, wanted.foreign)
    own: Convex | Dbsf | Rrf
    if wanted.method == "rrf":
        own = Rrf(k=wanted.k)
    else:
        own = Convex() if wanted.method == "convex" else Dbsf()
    return own if wanted.dense_weight is None else replace(own, dense_weight=wanted.dense_weight)
