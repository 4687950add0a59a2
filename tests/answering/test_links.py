"""Links of an answer are those of its passages, also while it streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answering.links import REMOVED, Links
from domain.prompt import Evidence
from tests.values import a_chunk

KNOWN = "https://intranet.example/forms/fb-27"
EVIDENCE = [Evidence(1, a_chunk(text=f"Fill in form FB-27, see {KNOWN}. Keep it."))]
EVIL = "https://evil.example/?q=secret"

INVENTED = {
    "a link": (f"Click [here]({EVIL}) now.", "Click here now."),
    "an image": (f"![logo]({EVIL}) So.", "logo So."),
    "an image without words": (f"So ![]({EVIL}).", f"So {REMOVED}."),
    "an image in a link": (f"[![logo]({EVIL})]({EVIL}) So.", "logo So."),
    "a link with a title": (f'[here]({EVIL} "a title")', "here"),
    "angle brackets": (f"[here](<{EVIL}>)", "here"),
    "an address alone": (f"See {EVIL}, please.", f"See {REMOVED}, please."),
    "an address in angle brackets": (f"See <{EVIL}>.", f"See {REMOVED}."),
    "an address without a scheme": ("See www.evil.example/x now.", f"See {REMOVED} now."),
    "a definition": (f"[here][1]\n\n[1]: {EVIL}", "[here][1]\n\n1"),
    "a relative one": ("[here](/v1/keys)", "here"),
    "a script": ("[here](javascript:alert(1))", "here"),
    "data": ("![x](data:text/html;base64,AA)", "x"),
    "HTML": (f'<a href="{EVIL}">here</a> <img src="{EVIL}">', "here "),
    "a marker that leads away": (f"So [1]({EVIL}).", "So 1."),
    "more behind one that is known": (f"See {KNOWN}?q=secret.", f"See {REMOVED}."),
    "in capitals": ("See HTTPS://EVIL.EXAMPLE now.", f"See {REMOVED} now."),
    "over two lines": (f"[he\nre]({EVIL})", "he\nre"),
}


@pytest.mark.parametrize(("said", "left"), INVENTED.values(), ids=INVENTED)
def test_an_invented_link_keeps_its_words_alone(said: str, left: str) -> None:
    links = Links(EVIDENCE)
    assert links.all_of(said) == left
    assert "link" in links.notes[0]


@pytest.mark.parametrize(("said", "left"), INVENTED.values(), ids=INVENTED)
def test_so_it_does_letter_by_letter(said: str, left: str) -> None:
    links = Links(EVIDENCE)
    assert "".join([*map(links.hear, said), links.end()]) == left


STAYS = {
    "an address of a passage": f"See {KNOWN}.",
    "a link of a passage": f"[The form]({KNOWN}) [1]",
    "a number in front": "[1]: Backups are kept.",
    "markers": "Kept [1][2] days [1, 2].",
    "brackets": "A list: [x] done, a[0] < b[1] (so).",
    "a type": "Use List<String> and i < n.",
    "a list": "1. One\n2. Two\n",
}


@pytest.mark.parametrize("said", STAYS.values(), ids=STAYS)
def test_what_is_no_link_or_a_passages_own_stays(said: str) -> None:
    links = Links(EVIDENCE)
    assert links.all_of(said) == said
    assert links.notes == ()


def test_words_are_told_as_they_come() -> None:
    links = Links(EVIDENCE)
    assert links.hear("Backups are ") == "Backups are "


@pytest.mark.parametrize("said", ["Backups", "are kept", "[1] It"])
def test_a_word_that_is_not_whole_is_told_where_it_can_become_no_link(said: str) -> None:
    assert Links([]).hear(said) == said


@pytest.mark.parametrize("said", ["http", "of", "www", "a [name", "[1]: mail", "<b"])
def test_what_may_begin_a_link_is_held_back(said: str) -> None:
    assert Links([]).hear(said) != said


def test_a_bracket_that_never_closes_does_not_hold_the_rest_back() -> None:
    links = Links(EVIDENCE)
    assert len(links.hear("[ " + "word " * 1_000)) > 4_000


@given(
    st.lists(st.sampled_from(["[", "](", ")", "!", "<a ", ">", "https://", "e.x", " ", "\n", "w"]))
)
def test_however_it_is_cut_no_address_gets_through(parts: list[str]) -> None:
    links = Links([])
    told = "".join([*map(links.hear, parts), links.end()])
    assert "https://e" not in told.replace(REMOVED, "")
