"""What a person writes becomes cells: checked, named, and only those that differ."""

import pytest

from domain.errors import InvalidInput
from eval.sweep_grid import NOW, axes, cells, names, variable
from wiring.configs import search_config
from wiring.settings import Settings, variables


def grid(*over: str) -> list[str]:
    return [cell.name for cell in cells(Settings(), axes(over))]


def test_what_is_set_comes_first_and_is_not_measured_twice() -> None:
    assert grid("search.depth=60,100") == [NOW, "search.depth=100"]


def test_every_combination_is_a_cell() -> None:
    assert len(grid("chunk.max_tokens=200,320,480", "search.depth=60,70,100")) == 9


def test_a_section_stands_for_its_main_setting() -> None:
    assert grid("fusion=rrf") == [NOW, "fusion.method=rrf"]


def test_a_setting_that_makes_no_difference_makes_no_cell() -> None:
    found = grid("fusion=rrf", "fusion.sharp=0.3,0.4")
    assert found == [NOW, "fusion.method=rrf"]


def test_what_makes_no_difference_is_not_in_a_cell_s_name() -> None:
    found = grid("fusion=adaptive,rrf", "fusion.sharp=0.4,0.5")
    assert found == [NOW, "fusion.method=adaptive fusion.sharp=0.4", "fusion.method=rrf"]


def test_a_reranker_s_settings_differ_only_where_there_is_one() -> None:
    assert grid("rerank.depth=10,20") == [NOW]


def test_a_setting_that_may_have_no_value_can_be_unset() -> None:
    assert grid("select.mmr=unset,0.7") == [NOW, "select.mmr=0.7"]


def test_values_written_apart_are_one_axis() -> None:
    assert axes(["search.depth=50,70", "search.depth=70,100"]) == {
        "search.depth": ["50", "70", "100"]
    }


def test_a_cell_has_its_settings() -> None:
    _, cell = cells(Settings(), axes(["fusion=convex", "fusion.dense_weight=0.4"]))
    config = search_config(cell.settings, "default")
    assert "Convex(dense_weight=0.4)" in repr(config.fusion)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("serch.depth=30", "Did you mean search.depth?", id="typing mistake"),
        pytest.param("depth=30", "search.depth or rerank.depth", id="last word alone"),
        pytest.param("colour=red", "There are chunk, fusion, rerank, chunk.max", id="unknown"),
        pytest.param("search.depth", "NAME=VALUE", id="no value"),
        pytest.param("search.depth=", "NAME=VALUE", id="empty value"),
        pytest.param("search.depth=many", "search.depth=many: ", id="not a number"),
        pytest.param("search.depth=unset", "search.depth=unset: ", id="never unset"),
        pytest.param("fusion=foo", "'adaptive', 'convex', 'dbsf' or 'rrf'", id="not a choice"),
        pytest.param("chunk.overlap=200", "overlap of 200 tokens", id="values that do not go"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_right(written: str, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        grid(written)
    assert said in str(error.value)


def test_every_setting_is_a_variable_of_the_service() -> None:
    assert {variable(name) for name in names()} <= set(variables())


def test_keys_are_no_settings_to_go_over() -> None:
    assert "rerank.api_key" not in names()
