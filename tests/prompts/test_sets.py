"""A prompt set is read from files alone, and is the same for everybody with the same settings."""

from pathlib import Path

import pytest

from domain.errors import Misconfigured
from prompts.sets import Library, canonical_json

CONTRACT = """{
  "variables": {"company": "the company"},
  "tools": [
    {"name": "search", "description": "Search.", "parameters": {"type": "object"}},
    {"name": "open", "description": "Open.", "parameters": {"type": "object"}}
  ],
  "output": {"name": "answer", "schema": {"type": "object", "properties": {"b": {}, "a": {}}}}
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "answer" / "v9"
    own.mkdir(parents=True)
    (own / "system.md").write_text("You answer for ${company}. It costs $$5.  \r\n")
    (own / "contract.json").write_text(CONTRACT)
    return tmp_path


def test_a_static_variable_has_its_default(folder: Path) -> None:
    (system,) = Library(folder).read("answer/v9").messages
    assert system.text == "You answer for the company. It costs $5.\n"


def test_a_static_variable_takes_the_value_of_the_settings(folder: Path) -> None:
    (system,) = Library(folder, {"company": "Acme"}).read("answer/v9").messages
    assert system.text.startswith("You answer for Acme.")


def test_tools_stand_in_the_order_of_their_names(folder: Path) -> None:
    assert [tool.name for tool in Library(folder).read("answer/v9").tools] == ["open", "search"]


def test_a_schema_keeps_the_order_in_which_the_model_shall_write(folder: Path) -> None:
    schema = Library(folder).read("answer/v9").schema
    assert schema is not None
    assert schema.schema == '{"type":"object","properties":{"b":{},"a":{}}}'


def test_json_has_one_form() -> None:
    assert canonical_json({"ü": [1, 2.5, None]}) == '{"ü":[1,2.5,null]}'


def test_an_undeclared_variable_is_refused_and_named(folder: Path) -> None:
    (folder / "answer" / "v9" / "system.md").write_text("It is ${today}.")
    with pytest.raises(Misconfigured, match=r"\$\{today\}.*cannot stand in a prompt set"):
        Library(folder).read("answer/v9")


def test_a_lone_dollar_sign_is_explained(folder: Path) -> None:
    (folder / "answer" / "v9" / "system.md").write_text("It costs $ 5.")
    with pytest.raises(Misconfigured, match=r"Write \$\$ for a dollar sign"):
        Library(folder).read("answer/v9")


def test_a_wrong_contract_says_where(folder: Path) -> None:
    (folder / "answer" / "v9" / "contract.json").write_text('{"tools": [{"name": "x"}]}')
    with pytest.raises(Misconfigured, match=r"tools\.0\.description"):
        Library(folder).read("answer/v9")


@pytest.mark.parametrize(
    "version", ["answer", "../answer/v9", "answer/v9/..", "answer/none", "/etc/passwd"]
)
def test_what_is_no_set_is_not_read(folder: Path, version: str) -> None:
    with pytest.raises(Misconfigured, match="There is no prompt set"):
        Library(folder).read(version)


def test_own_sets_stand_beside_those_that_come_with_forebay(folder: Path) -> None:
    assert {"answer/v1", "answer/v9"} <= set(Library(folder).versions())
