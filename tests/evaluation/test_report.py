"""The page stands alone, shows every system and set, and escapes what others wrote."""

import re
from html.parser import HTMLParser

from eval.report import page
from eval.result import Result
from eval.story import story
from tests.evaluation.results import a_result

_VOID = {"meta", "input", "link", "br"}


class _Balance(HTMLParser):
    """Collects what is opened and not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass


def results() -> list[Result]:
    return [
        a_result({"a": 0.2, "b": score}, data=data, config=config)
        for data in ("handbook", "wiki")
        for config, score in (("rrf", 0.9), ("default", 0.4))
    ]


def shown(found: list[Result]) -> str:
    return page(story(found, "default", "rrf"))


def test_every_system_and_set_is_there() -> None:
    text = shown(results())
    assert all(name in text for name in ("rrf", "default", "handbook", "wiki"))


def test_nothing_is_fetched() -> None:
    assert not re.search(r"""(src|href)=|url\(|@import|https?://""", shown(results()))


def balance(text: str) -> list[str]:
    """What is left open."""
    read = _Balance()
    read.feed(text)
    return read.open


def test_every_element_is_closed() -> None:
    assert balance(shown(results())) == []


def test_questions_are_escaped() -> None:
    text = shown(results())
    assert "What about &lt;b&gt;?" in text
    assert "<b>?" not in text


def test_losers_come_with_their_texts() -> None:
    assert "All about b." in shown(results())


def test_a_single_system_has_a_page_too() -> None:
    text = shown([a_result({"a": 0.5}, config="bm25")])
    assert "bm25 on 1 set." in text


def test_it_says_when_ours_is_worse() -> None:
    assert '<b class="bad">0.2500 worse</b>' in shown(results())
