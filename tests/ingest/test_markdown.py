"""What Markdown becomes, block by block."""

from tests.ingest.reading import path_of, read, texts

HANDBOOK = """---
title: Leave and absence
owner: People
version: 7
draft: false
tags: [leave, sick]
---

# Leave

Intro [with a link](x.md)
on two lines.

## Carry-over

- five days
- until March

| Kind | Days |
|------|------|
| sick | 30   |

```sh
# not a heading

make leave
```

<details><summary>More</summary>

Hidden, not lost.

</details>

<!-- for editors only -->

Exceptions
----------

None.
"""
PARSED = read("leave.md", HANDBOOK)


def test_front_matter_gives_title_and_metadata_and_no_text() -> None:
    assert PARSED.title == "Leave and absence"
    assert PARSED.metadata == {
        "owner": "People",
        "version": 7,
        "draft": False,
        "tags": ("leave", "sick"),
    }
    assert "owner" not in PARSED.text


def test_blocks_know_their_headings() -> None:
    assert path_of(PARSED, "until March") == ("Leave", "Carry-over")


def test_an_underlined_heading_closes_the_one_before() -> None:
    assert path_of(PARSED, "None.") == ("Leave", "Exceptions")


def test_prose_stays_as_written() -> None:
    assert "Intro [with a link](x.md)\non two lines." in texts(PARSED, "paragraph")


def test_a_fence_is_one_block_and_its_comments_are_no_headings() -> None:
    assert texts(PARSED, "code") == ["```sh\n# not a heading\n\nmake leave\n```"]


def test_a_table_is_one_block() -> None:
    assert texts(PARSED, "table") == ["| Kind | Days |\n|------|------|\n| sick | 30   |"]


def test_what_stands_in_details_is_kept() -> None:
    assert "Hidden, not lost." in texts(PARSED, "paragraph")


def test_a_comment_is_not_text() -> None:
    assert "editors" not in PARSED.text


def test_a_heading_is_known_without_its_marks() -> None:
    parsed = read("a.md", "## The `make` *command* {#make}\n\ntext")
    assert path_of(parsed, "text") == ("The make command",)


def test_without_a_title_the_first_heading_is_it() -> None:
    assert read("a.md", "# Leave\n\ntext").title == "Leave"


def test_without_a_heading_the_name_is_it() -> None:
    assert read("policies/leave-days.md", "text").title == "leave-days"


def test_links_know_their_stretch_and_their_target() -> None:
    text = (
        "See [the guide](http://guide.example 'x'), [the list][1], [Pump] and <http://a.example>.\n\n"
        "![a picture](x.png) `[no](link)`\n\n- [item](b.md)\n\n"
        "[1]: http://list.example\n[pump]: pump.md\n"
    )
    parsed = read("a.md", text)
    assert {parsed.text[link.start : link.end]: link.target for link in parsed.links} == {
        "the guide": "http://guide.example",
        "the list": "http://list.example",
        "Pump": "pump.md",
        "http://a.example": "http://a.example",
        "no": "link",
        "item": "b.md",
    }


def test_a_table_says_that_its_first_line_names_columns() -> None:
    assert [block.headed for block in PARSED.blocks if block.kind == "table"] == [True]


def test_what_stands_in_code_is_no_link() -> None:
    assert not read("a.md", "```\n[a](b.md)\n```\n").links


def test_runs_of_brackets_and_stars_cost_no_more_than_their_length() -> None:
    data = "[" * 100_000 + "\n\n" + "*a " * 50_000 + "\n\n" + "> " * 5_000 + "deep\n\nAfter."
    assert read("a.md", data).text.endswith("After.")
