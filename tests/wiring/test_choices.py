"""What one question wants otherwise than the settings say."""

import pytest
from pydantic import ValidationError

from domain.errors import InvalidInput
from retrieval.rerank import RerankConfig
from wiring.choices import AS_SET, Choices
from wiring.configs import answer_config, search_config
from wiring.settings import Settings
from wiring.settings_search import RerankSettings, SelectSettings, UnderstandSettings

SETTINGS = Settings(
    rerank=RerankSettings(provider="llm", depth=30),
    select=SelectSettings(neighbours=1, mmr=0.5),
    openai_base_url="http://localhost:1/v1",
)


def choices(**said: object) -> Choices:
    return Choices.model_validate(said)


def test_who_chooses_nothing_has_the_settings_themselves() -> None:
    assert AS_SET.over(SETTINGS) is SETTINGS


def test_what_is_left_out_stays_as_it_is_set() -> None:
    select = choices(select={"per_document": 2}).over(SETTINGS).select
    assert (select.per_document, select.neighbours, select.mmr) == (2, 1, 0.5)


def test_null_takes_a_setting_back() -> None:
    assert choices(select={"mmr": None}).over(SETTINGS).select.mmr is None


def test_the_settings_of_others_do_not_change() -> None:
    choices(insist="must", depth=7, rerank={"depth": 3}).over(SETTINGS)
    assert (SETTINGS.search.insist, SETTINGS.search.depth, SETTINGS.rerank.depth) == (
        *("prefer", 60, 30),
    )


def test_each_choice_reaches_its_step() -> None:
    chosen = choices(
        depth=7,
        insist="off",
        context_tokens=100,
        rerank={"depth": 3, "seconds": 0.5},
        select={"order": "ends"},
        understand={"wordings": 2},
    )
    config = answer_config(chosen.over(SETTINGS), "default", reranks=chosen.reranks)
    assert (config.search.depth, config.search.insist) == (7, "off")
    assert config.search.rerank is not None
    assert (config.search.rerank.depth, config.search.rerank.seconds) == (3, 0.5)
    assert (config.select.budget, config.select.order) == (100, "ends")
    assert config.understand.wordings == 2


@pytest.mark.parametrize(
    ("config", "rerank", "reads"),
    [
        ("default", None, True),
        ("default", False, False),
        ("rerank", False, False),
        ("dense", None, False),
        ("dense", True, True),
        ("dense", {"depth": 3}, True),
    ],
)
def test_reranking_can_be_asked_for_and_refused(config: str, rerank: object, reads: bool) -> None:
    chosen = choices(rerank=rerank)
    found = search_config(chosen.over(SETTINGS), config, reranks=chosen.reranks)
    assert (found.rerank is not None) is reads


@pytest.mark.parametrize("rerank", [True, {"depth": 3}], ids=["asked for", "how deep"])
def test_without_a_reranker_none_can_be_asked_for(rerank: object) -> None:
    with pytest.raises(InvalidInput, match="FOREBAY_RERANK__PROVIDER"):
        choices(rerank=rerank).over(Settings())


def test_without_a_reranker_the_config_that_needs_it_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'rerank' reranks"):
        search_config(Settings(), "rerank")


def test_without_a_chat_model_it_cannot_be_asked_to_read_the_question() -> None:
    with pytest.raises(InvalidInput, match="no chat model"):
        choices(understand={"wordings": 2}).over(Settings())
    assert choices(understand={"rewrite": "words"}).over(Settings()).understand.rewrite == "words"


def test_a_chat_model_that_the_settings_ask_can_be_left_out() -> None:
    asking = Settings(understand=UnderstandSettings(wordings=2))
    assert choices(understand={"wordings": 0}).over(asking).understand.wordings == 0


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"selct": {}}, "select, understand"),
        ({"select": {"neighbors": 1}}, "mmr, neighbours, order"),
        ({"rerank": {"deep": 1}}, "depth, seconds"),
        ({"understand": {"hyde": True}}, "passage, rewrite, seconds, wordings"),
    ],
    ids=["choice", "select", "rerank", "understand"],
)
def test_a_field_that_does_not_exist_is_answered_with_those_that_do(
    said: dict[str, object], known: str
) -> None:
    with pytest.raises(ValidationError, match=known):
        choices(**said)


@pytest.mark.parametrize(
    "said",
    [{"select": {"neighbours": 11}}, {"depth": 0}, {"context_tokens": 80_001}, {"insist": "yes"}],
    ids=["neighbours", "depth", "tokens", "insist"],
)
def test_limits_are_those_of_the_settings(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        choices(**said)


def test_the_schema_has_no_defaults_that_would_hide_the_settings() -> None:
    fields = Choices.model_json_schema()["$defs"]
    assert not [
        name
        for model in ("SelectChoice", "UnderstandChoice", "RerankChoice")
        for name, field in fields[model]["properties"].items()
        if "default" in field
    ]


@pytest.mark.parametrize(
    ("rerank", "config"),
    [
        (RerankSettings(provider="llm"), RerankConfig(40, 2, 1)),
        (RerankSettings(provider="late"), RerankConfig(10, 2, 0.2)),
        (RerankSettings(provider="late", depth=5, weight=0), RerankConfig(5, 2, 0)),
    ],
    ids=["a model", "late", "late as it is set"],
)
def test_a_reranker_reads_and_counts_as_suits_it_unless_it_is_set(
    rerank: RerankSettings, config: RerankConfig
) -> None:
    assert search_config(Settings(rerank=rerank), "default").rerank == config
