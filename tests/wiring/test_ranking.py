"""What the settings of fusion and refinement mean for a search."""

import pytest

from domain.hits import Convex, Dbsf, Fusion, Rrf
from retrieval.configs import CONFIGS, SearchConfig
from wiring.ranking import tuned
from wiring.settings_search import FusionSettings, RefineSettings

DEFAULT = CONFIGS["default"]


def ranking(fusion: FusionSettings, refine: RefineSettings | None = None) -> SearchConfig:
    return tuned(DEFAULT, fusion, refine or RefineSettings())


def test_what_is_not_set_is_the_default() -> None:
    assert ranking(FusionSettings()) == DEFAULT


@pytest.mark.parametrize(
    ("method", "fusion"),
    [("convex", Convex()), ("dbsf", Dbsf()), ("rrf", Rrf())],
    ids=["convex", "dbsf", "rrf"],
)
def test_a_method_has_a_weight_of_its_own(method: str, fusion: Fusion) -> None:
    assert ranking(FusionSettings.model_validate({"method": method})).fusion == fusion


def test_a_weight_that_is_set_counts() -> None:
    assert ranking(FusionSettings(method="rrf", dense_weight=0.7, k=2)).fusion == Rrf(2, 0.7)


@pytest.mark.parametrize("method", ["dbsf", "rrf"])
def test_scores_that_are_not_standardised_are_not_refined(method: str) -> None:
    assert ranking(FusionSettings.model_validate({"method": method})).refinement is None


def test_nothing_is_refined_among_no_candidates() -> None:
    assert ranking(FusionSettings(), RefineSettings(among=0)).refinement is None


def test_a_config_of_another_ranking_keeps_its_own() -> None:
    rrf = CONFIGS["rrf"]
    assert tuned(rrf, FusionSettings(method="convex"), RefineSettings(alike=0)) == rrf
