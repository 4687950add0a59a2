"""A document grows block by block, and its offsets stay right."""

from domain.documents import Link
from ingest.draft import Draft, Parsed, labelled, linked, unlinked


def done(draft: Draft) -> Parsed:
    return draft.parsed("name", "text/plain")


def labels(parsed: Parsed) -> dict[str, str]:
    return {parsed.text[link.start : link.end]: link.target for link in parsed.links}


def test_blocks_hold_the_text_they_say() -> None:
    draft = Draft()
    draft.heading("One", 1)
    draft.add("paragraph", "  words \n")
    draft.items(["a", "", "b"])
    parsed = done(draft)
    assert [parsed.text[b.start : b.end] for b in parsed.blocks] == ["# One", "words", "- a\n- b"]


def test_a_section_is_left_when_one_of_its_level_begins() -> None:
    draft = Draft()
    for title, level in [("A", 1), ("B", 2), ("C", 4), ("D", 2)]:
        draft.heading(title, level)
    assert [block.headings for block in done(draft).blocks] == [
        ("A",),
        ("A", "B"),
        ("A", "B", "C"),
        ("A", "D"),
    ]


def test_a_section_may_be_entered_without_a_heading_in_the_text() -> None:
    draft = Draft()
    draft.enter("Pump", 1)
    draft.add("code", "class Pump:")
    assert [(b.kind, b.headings) for b in done(draft).blocks] == [("code", ("Pump",))]


def test_code_keeps_the_indentation_of_its_first_line() -> None:
    draft = Draft()
    draft.add("code", "\n    x = 1\n\n")
    assert done(draft).text == "    x = 1"


def test_a_table_may_say_that_its_first_line_names_columns() -> None:
    draft = Draft()
    draft.rows([["Kind", "Days"], ["sick", "30"]], headed=True)
    assert done(draft).blocks[0].headed


def test_a_long_table_is_several_blocks_unless_its_head_holds_it_together() -> None:
    rows = [["some words in a cell"] * 5] * 2000
    long, headed = Draft(), Draft()
    long.rows(rows)
    headed.rows(rows, headed=True)
    assert len(done(long).blocks) > 1
    assert len(done(headed).blocks) == 1


def test_a_labelled_row_says_its_columns_and_keeps_what_is_beyond_them() -> None:
    assert list(labelled(["A", "B"], [["1", "", "3"]])) == [["A: 1", "3"]]


def test_a_link_knows_its_stretch_of_the_final_text() -> None:
    draft = Draft()
    draft.add("paragraph", "before")
    draft.add("paragraph", f"  see {linked('the guide', 'http://g')} now")
    parsed = done(draft)
    assert parsed.text == "before\n\nsee the guide now"
    assert parsed.links == (Link(12, 21, "http://g"),)


def test_a_link_may_be_given_by_offsets_before_the_stripping() -> None:
    draft = Draft()
    draft.add("paragraph", "  see it", links=[(6, 8, "x.md")])
    assert labels(done(draft)) == {"it": "x.md"}


def test_links_survive_in_headings_items_and_cells() -> None:
    draft = Draft()
    draft.heading(linked("Top", "h"), 1)
    draft.items([f"an {linked('item', 'i')}"])
    draft.rows([[linked("cell", "c"), "x"]])
    parsed = done(draft)
    assert labels(parsed) == {"Top": "h", "item": "i", "cell": "c"}
    assert parsed.title == "Top"


def test_a_link_within_a_link_keeps_both() -> None:
    draft = Draft()
    draft.add("paragraph", linked(f"a {linked('b', 'inner')}", "outer"))
    assert labels(done(draft)) == {"b": "inner", "a b": "outer"}


def test_a_link_without_words_or_target_is_none() -> None:
    assert linked("", "x") == ""
    assert linked("word", " ") == "word"
    assert unlinked(linked("word", "x")) == "word"


def test_the_title_is_declared_or_the_first_heading_or_the_name() -> None:
    headed = Draft()
    headed.heading("First", 1)
    declared = Draft("Declared")
    assert [done(d).title for d in (declared, headed, Draft())] == ["Declared", "First", "name"]
