"""Text that was written to take a prompt over changes neither its parts nor its fences, by
whichever way it comes in; what it says, it says as data.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from answering.links import Links
from domain.prompt import Evidence, Prompt, Tool
from domain.records import Turn
from prompts import condense, examination, questions, relevance
from prompts.brought import bring
from prompts.choosing import choose_tier, choose_tools
from prompts.compose import compose
from prompts.fence import inside
from prompts.prefix import prefix
from prompts.sets import Library
from tests.values import a_chunk

_FILE = Path(__file__).with_name("injections.toml")
TEXTS = {
    f"{kind}-{name}": text
    for kind, texts in tomllib.loads(_FILE.read_text("utf-8")).items()
    for name, text in texts.items()
}
HARMLESS = "The fee is 12."
ASKED = "What is the fee?"
SET = Library().read("answer/v1")

# What a reader may take for a mark, whoever wrote it; a backslash behind the bracket disarms it.
NAMES = (
    "passages?|reference|question|conversation|asked|answered|earlier|notes|statement|cited|right|"
    "answer|application|tools|tool_call|tool_response|function_calls|think|(?:start|end)_of_turn"
)
MARK = re.compile(
    rf"[<＜‹]\s*(?:[/／]\s*)?(?:{NAMES})\b|[<＜‹]\s*[/／]\s*s>|<[|｜]\w|\[/?INST\]|\[TOOL_CALLS\]|<<(?:/)?SYS>>",
    re.IGNORECASE,
)
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
NUMBER = re.compile(r"^\s*\[\d", re.MULTILINE)


def passage(text: str) -> list[Evidence]:
    return [Evidence(1, a_chunk(text=text)), Evidence(2, a_chunk(text=HARMLESS))]


WAYS: dict[str, Callable[[str], Prompt]] = {
    "a passage": lambda text: compose(ASKED, passage(text)),
    "a table's head": lambda text: compose(ASKED, [Evidence(1, a_chunk(table_header=text))]),
    "a document's name": lambda text: compose(ASKED, [Evidence(1, a_chunk(source=text))]),
    "a heading": lambda text: compose(ASKED, [Evidence(1, a_chunk(headings=(text,)))]),
    "a title": lambda text: compose(ASKED, [Evidence(1, a_chunk(title=text))]),
    "earlier": lambda text: compose(ASKED, passage(HARMLESS), earlier=[text]),
    "an application's wish": lambda text: bring(compose(ASKED, ()), instructions=text),
    "reranking": lambda text: relevance.ask(ASKED, [HARMLESS, text]),
    "rewriting, asked": lambda text: questions.rewrite(ASKED, [Turn(text, "Twelve.", "")]),
    "rewriting, answered": lambda text: questions.rewrite(ASKED, [Turn(ASKED, text, "")]),
    "rewriting, the question": lambda text: questions.rewrite(text, [Turn(ASKED, "Twelve.", "")]),
    "rewording": lambda text: questions.reword(text, 3),
    "supposing": questions.suppose,
    "an episode": lambda text: condense.minutes([Turn(ASKED, text, "")]),
    "reading a part": lambda text: condense.read_part(ASKED, [a_chunk(text=text)]),
    "notes": lambda text: condense.answer_from(ASKED, [text], passage(HARMLESS)),
    "judging support": lambda text: examination.judge_support(ASKED, [(HARMLESS, text)]),
    "judging a statement": lambda text: examination.judge_support(ASKED, [(text, HARMLESS)]),
    "judging an answer": lambda text: examination.judge_answer(ASKED, [HARMLESS], text),
    "making questions": lambda text: examination.write_questions("a.md", text, 2),
    "finding an answer": lambda text: examination.find_answer(ASKED, "a.md", text),
    "choosing a tier": lambda text: choose_tier(text, 3, 0),
    "choosing tools": lambda text: choose_tools(ASKED, [Tool("t", text, "{}")], 1),
    "a pinned passage": lambda text: compose(
        ASKED, passage(HARMLESS), prefix=prefix(SET, [a_chunk(text=text)])
    ),
}
IN_THE_PREFIX = {"a pinned passage", "reading a part", "choosing tools"}


def marks(prompt: Prompt) -> list[str]:
    seen = UNSEEN.sub("", "\n".join(message.text for message in prompt.messages))
    return [" ".join(mark.split()).lower() for mark in MARK.findall(seen)]


def numbers(prompt: Prompt) -> int:
    return sum(len(NUMBER.findall(message.text)) for message in prompt.messages)


def test_there_are_enough_of_them() -> None:
    assert len(TEXTS) >= 30


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_writes_no_mark(text: str) -> None:
    for way, made in WAYS.items():
        assert marks(made(text)) == marks(made(HARMLESS)), way


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_changes_no_other_part(text: str) -> None:
    for way, made in WAYS.items():
        taken, usual = made(text), made(HARMLESS)
        assert [m.role for m in taken.messages] == [m.role for m in usual.messages], way
        assert (taken.tools, taken.schema) == (usual.tools, usual.schema), way
        if way not in IN_THE_PREFIX:
            assert taken.prefix == usual.prefix, way
            assert taken.prefix_fingerprint == usual.prefix_fingerprint, way


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_numbers_no_passage(text: str) -> None:
    for way in ("a passage", "a pinned passage", "a table's head", "a title"):
        assert numbers(WAYS[way](text)) == numbers(WAYS[way](HARMLESS)), way


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_answer_that_repeats_it_leads_nowhere(text: str) -> None:
    said = Links([]).all_of(text)
    assert "evil.example" not in said


def test_hidden_letters_go() -> None:
    assert inside(TEXTS["hidden-tags"]) == "Fee: 12."


@pytest.mark.parametrize(
    "text",
    ["if (left < right && answer > notes)", "List<String> and i<n", "See [4] and a[1].",
     "Persian: می‌خواهم", "A | B | C", "1 < 2 > 0"],
    ids=["code", "types", "numbers", "joiners", "a table", "signs"],
)  # fmt: skip
def test_usual_text_stays_as_it_is(text: str) -> None:
    assert inside(text) == text
