"""What HTML becomes, freed of its furniture."""

import pytest

from domain.errors import ParseFailed
from tests.ingest.reading import path_of, read, texts

PAGE = """<!doctype html><html><head><title>Site</title><style>p {}</style></head><body>
<nav><a href="/">Home</a></nav>
<div class="sidebar">Other pages</div>
<h1>Ellerholt<a class="headerlink" href="#x">¶</a></h1>
<p>The site has <b>four</b> chambers.</p>
<h2>Opening</h2>
<ul><li>Monday</li><li>Friday</li></ul>
<table><thead><tr><th>Room</th><th>°C</th></tr></thead><tr><td>T3</td><td>5</td></tr></table>
<pre>if x:
    stop()</pre>
<details><summary>Why?</summary><p>Because of fish.</p></details>
<figure><img alt=""><figcaption>The dock.</figcaption></figure>
<script>track()</script>
<footer>All rights reserved</footer>
</body></html>"""
PARSED = read("site.html", PAGE)


def test_headings_lead_to_their_text() -> None:
    assert path_of(PARSED, "Monday") == ("Ellerholt", "Opening")


def test_the_page_has_the_title_of_its_head() -> None:
    assert PARSED.title == "Site"


@pytest.mark.parametrize("text", ["Home", "Other pages", "track", "rights reserved", "¶", "p {}"])
def test_furniture_is_left_out(text: str) -> None:
    assert text not in PARSED.text


@pytest.mark.parametrize("text", ["Because of fish.", "Why?", "The dock."])
def test_details_and_figures_are_kept(text: str) -> None:
    assert text in PARSED.text


def test_a_list_and_a_table_are_written_as_markdown() -> None:
    assert texts(PARSED, "list") == ["- Monday\n- Friday"]
    assert texts(PARSED, "table") == ["| Room | °C |\n| T3 | 5 |"]


def test_code_keeps_its_indentation() -> None:
    assert texts(PARSED, "code") == ["if x:\n    stop()"]


def test_main_is_all_where_there_is_one() -> None:
    page = "<html><body><p>Around</p><div role=main><p>Inside</p></div></body></html>"
    assert read("a.html", page).text == "Inside"


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    page = f"<html><body><table><tr><td><p>{'word ' * 400}</p><p>End.</p></td></tr></table>"
    assert texts(read("a.html", page), "paragraph")[-1] == "End."


def test_a_declared_charset_is_heeded() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Żółw</p></body></html>'
    assert read("a.html", page.encode("iso-8859-2")).text == "Żółw"


def test_deep_nesting_is_read_and_a_depth_beyond_reason_is_a_failure_not_a_loss() -> None:
    page = "<html><body>{}deep{}</body></html>"
    assert "deep" in read("a.html", page.format("<div>" * 1000, "</div>" * 1000)).text
    with pytest.raises(ParseFailed, match="nested"):
        read("a.html", page.format("<div>" * 5000, "</div>" * 5000))
