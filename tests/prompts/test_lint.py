"""What will not stay the same is found in a prompt set by its looks."""

from pathlib import Path

import pytest

from prompts.lint import lint
from prompts.sets import Library
from prompts.short import Needs
from tests.prompts.test_prefix import Words

VOLATILE = {
    "iso date": ("Today is 2026-11-21.", "date"),
    "written date": ("Valid from 3 March 2026 on.", "date"),
    "german date": ("Stand: 21.11.2026", "date"),
    "time": ("It is 14:35 now.", "time"),
    "words of now": ("The current date is in the next line.", "now"),
    "uuid": ("Trace 3f2504e0-4f89-11d3-9a0c-0305e82c3301.", "id"),
    "session id": ("You are in sess_a8Hk2Lq9.", "id"),
    "hash": ("Build 9f86d081884c7d65 answers.", "id"),
    "counter": ("This is request #1832.", "counter"),
    "bare counter": ("This is request 1832 of today.", "counter"),
    "user": ("The user's name is Ada.", "user"),
    "salutation": ("Dear Ada, you ask us.", "user"),
    "greeting": ("You are talking to Ada.", "user"),
    "address": ("Write to ada@example.org.", "address"),
    "foreign template": ("Answer in {{ language }}.", "placeholder"),
    "python format": ("Answer for {user_name}.", "placeholder"),
    "balance": ("Your remaining balance is low.", "money or stock"),
}
FINE = [
    "Answers carry numbers in square brackets: [2][5].",
    "Dates are written exactly as in the passage.",
    "At most 3 sentences, under 80 words; ratio 1:2.",
    "Use ISO 8601 and RFC 9457; write $$5.",
    'Return {"answer": "…"}.',
    'Return {"quote": "…", "answer": {"of": "…"}}, or "{" alone.',
    'Such as {"a": 1, "b": 2, "c": 3, "d": [{"e": 4}]}.',
    "Answer question 2 with the table.",
    "Section 4.2 of the handbook, version 1.2.3.",
]


def a_library(folder: Path, text: str, contract: str = "") -> Library:
    own = folder / "answer" / "v9"
    own.mkdir(parents=True)
    (own / "system.md").write_bytes(text.encode())
    if contract:
        (own / "contract.json").write_text(contract)
    return Library(folder)


@pytest.mark.parametrize(("line", "rule"), VOLATILE.values(), ids=VOLATILE.keys())
def test_what_is_volatile_is_an_error_with_its_line(tmp_path: Path, line: str, rule: str) -> None:
    found = lint("answer/v9", a_library(tmp_path, f"You answer.\n{line}\n"), Words())
    assert (found[0].level, found[0].rule) == ("error", rule)
    assert found[0].where == "answer/v9/system.md:2"


@pytest.mark.parametrize("line", FINE)
def test_what_stays_the_same_is_left_alone(tmp_path: Path, line: str) -> None:
    assert lint("answer/v9", a_library(tmp_path, f"{line}\n"), Words()) == []


def test_another_form_is_a_warning(tmp_path: Path) -> None:
    (found,) = lint("answer/v9", a_library(tmp_path, "You answer.  \r\n"), Words())
    assert (found.level, found.rule) == ("warning", "form")


def test_unsorted_json_is_a_warning_with_its_line(tmp_path: Path) -> None:
    data = '{"d": 1,\n "a": 2,\n "b": 3, "c": 4}'
    text = f'You "{{" know:\n{data}\n{{"of": [{data}]}}\n'
    found = lint("answer/v9", a_library(tmp_path, text), Words())
    assert [(one.level, one.rule) for one in found] == [("warning", "order")] * 2
    assert [one.where for one in found] == [f"answer/v9/system.md:{line}" for line in (2, 5)]


@pytest.mark.parametrize(
    ("name", "changes"),
    [("user_name", True), ("today", True), ("company", False), ("update_style", False)],
)
def test_a_variable_that_is_named_like_what_changes_is_a_warning(
    tmp_path: Path, name: str, changes: bool
) -> None:
    library = a_library(tmp_path, f"Write as ${{{name}}}.\n", f'{{"variables": {{"{name}": "x"}}}}')
    found = lint("answer/v9", library, Words())
    assert [(one.level, one.rule) for one in found] == [("warning", "variable")] * changes


def test_what_the_settings_fill_in_is_looked_at(tmp_path: Path) -> None:
    folder = a_library(tmp_path, "For ${company}.\n", '{"variables": {"company": "us"}}').folder
    (found,) = lint("answer/v9", Library(folder, {"company": "Acme, 2026-11-22"}), Words())
    assert (found.level, found.rule) == ("error", "date")
    assert found.where == "answer/v9, the setting of 'company'"


def test_a_variable_in_braces_is_none_of_another_template_language(tmp_path: Path) -> None:
    declared = '{"variables": {"company": "The company\'s name."}}'
    library = a_library(tmp_path, "You answer for ${company}.\n", declared)
    assert lint("answer/v9", library, Words()) == []


def test_a_salutation_with_a_variable_is_one_user_s(tmp_path: Path) -> None:
    library = a_library(tmp_path, "Dear ${name},\n", '{"variables": {"name": "x"}}')
    assert [one.rule for one in lint("answer/v9", library, Words())] == ["user"]


def test_a_variable_that_is_used_nowhere_is_an_error(tmp_path: Path) -> None:
    library = a_library(tmp_path, "You answer.\n", '{"variables": {"company": "x"}}')
    assert [one.rule for one in lint("answer/v9", library, Words())] == ["variable"]


def test_a_value_for_a_variable_that_the_set_has_not_is_a_warning(tmp_path: Path) -> None:
    folder = a_library(tmp_path, "You answer.\n").folder
    library = Library(folder, {"company": "Acme"})
    assert [one.rule for one in lint("answer/v9", library, Words())] == ["variable"]


def test_unsorted_tools_are_a_warning(tmp_path: Path) -> None:
    tool = '{"name": "%s", "description": "d", "parameters": {}}'
    tools = f'{{"tools": [{tool % "b"}, {tool % "a"}]}}'
    library = a_library(tmp_path, "You answer.\n", tools)
    assert [one.rule for one in lint("answer/v9", library, Words())] == ["order"]


def test_a_date_in_a_tools_words_is_an_error(tmp_path: Path) -> None:
    tools = '{"tools": [{"name": "a", "description": "As of 2026-01-01.", "parameters": {}}]}'
    library = a_library(tmp_path, "You answer.\n", tools)
    assert [one.rule for one in lint("answer/v9", library, Words())] == ["date"]


def test_a_prefix_below_a_models_minimum_is_a_warning_with_both_figures(tmp_path: Path) -> None:
    library = a_library(tmp_path, "one two three\n")
    (found,) = lint("answer/v9", library, Words(), [Needs("gpt-5.4", 1024), Needs("tiny", 2)])
    assert "has 3 tokens, and gpt-5.4 caches nothing below 1,024" in found.says
    assert "Pin 1,021 tokens" in found.says


@pytest.mark.parametrize("version", sorted(Library().versions()))
def test_what_comes_with_forebay_has_no_finding(version: str) -> None:
    assert lint(version, Library(), Words()) == []
