"""Sentences are exact stretches of their text, and what is a unit stays one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sentences import sentences

CASES = {
    "two sentences": ("One is here. Two is there!", ["One is here.", "Two is there!"]),
    "abbreviations and decimals": (
        "Pay e.g. 3.5 % by Dr. Low. Then stop.",
        ["Pay e.g. 3.5 % by Dr. Low.", "Then stop."],
    ),
    "initials": ("J. R. Hartley wrote it. Yes.", ["J. R. Hartley wrote it.", "Yes."]),
    "hard-wrapped prose": ("It goes\nover it. End.", ["It goes\nover it.", "End."]),
    "list items": ("- first\n- second one", ["- first", "- second one"]),
    "table rows": ("| a. b | c |\n| d | e |", ["| a. b | c |", "| d | e |"]),
    "a heading": ("# Head\nText here.", ["# Head", "Text here."]),
    "fenced code": (
        "Run it:\n```sh\n# back up. Then go\nrun all\n\nrun more\n```\nDone.",
        ["Run it:", "```sh\n# back up. Then go\nrun all\n\nrun more\n```", "Done."],
    ),
    "a fence without an end": ("One. Two.\n```", ["One.", "Two.", "```"]),
    "full-width marks": ("今日は晴れ。明日は雨。", ["今日は晴れ。", "明日は雨。"]),
    "quotes go with their sentence": ('He said "no." She left.', ['He said "no."', "She left."]),
    "nothing": (" \n ", []),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_text_is_split(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


@given(st.text(alphabet=st.sampled_from(list("aB. !?\n|-#。`")), max_size=120))
def test_only_white_space_is_left_out_and_order_is_kept(text: str) -> None:
    spans = sentences(text)
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
