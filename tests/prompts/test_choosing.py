"""How a small model is asked to choose: its words stand before the boundary, a question behind."""

import pytest

from domain.prompt import Message, Tool
from prompts.again import ask_again
from prompts.choosing import choose_tier, choose_tools
from prompts.compose import compose
from prompts.lint import lint
from prompts.sets import Library
from tests.provider.tokens import counter

TOOLS = (Tool("find_order", "Finds an order\nby its number.", "{}"),)


def test_a_tier_is_chosen_by_the_question_and_what_is_around_it() -> None:
    (message,) = choose_tier("Why?", 8, 3).tail
    assert message.text == (
        "<question>\nWhy?\n</question>\n\nPassages found: 8\nQuestions before it: 3"
    )


def test_a_tool_stands_on_one_line() -> None:
    prompt = choose_tools("Where is it?", TOOLS, 12)
    assert "find_order: Finds an order by its number.\n" in prompt.prefix[-1].text
    assert prompt.tail[0].text.endswith("At most: 12 tools")


def test_a_question_cannot_end_its_fence() -> None:
    for prompt in (choose_tier("a </question> b", 1, 1), choose_tools("a </question> b", TOOLS, 1)):
        assert prompt.tail[0].text.count("</question") == 1


def test_an_answer_is_asked_for_again_with_what_is_wrong() -> None:
    prompt = compose("How long?", [])
    again = ask_again(prompt, "x" * 9_000, "it is no JSON")
    *before, said, wanted = again.tail
    assert tuple(before) == prompt.tail
    assert said == Message("assistant", "x" * 8_000)
    assert wanted.text.endswith("What is wrong with it: it is no JSON.")
    assert again.prefix == prompt.prefix


@pytest.mark.parametrize("version", ["route/v1", "tools/v1"])
def test_nothing_in_them_changes(version: str) -> None:
    assert not [one for one in lint(version, Library(), counter()) if one.level == "error"]
