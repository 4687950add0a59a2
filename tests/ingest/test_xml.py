"""What XML becomes: books, articles, feeds, data."""

from pathlib import Path

import pytest

from domain.errors import ParseFailed
from tests.ingest.reading import path_of, read, texts

BOOK = """<?xml version="1.0"?>
<!DOCTYPE book [<!ENTITY maker "Pump Works">]>
<book xmlns:xlink="http://www.w3.org/1999/xlink" xml:lang="en">
  <info><title>Pumps of &maker;</title><author>Ann</author></info>
  <chapter><title>Valves</title>
    <para>See <emphasis>the</emphasis> <link xlink:href="http://guide.example">guide</link>,
      H<sub>2</sub>O.</para>
    <itemizedlist><listitem><para>close</para></listitem>
      <listitem><para>open</para></listitem></itemizedlist>
    <section><title>Inner</title>
      <programlisting>x = 1
  y = 2</programlisting>
      <table><title>Leave</title><tgroup cols="2">
        <thead><row><entry>Kind</entry><entry>Days</entry></row></thead>
        <tbody><row><entry>sick</entry><entry>30</entry></row></tbody></tgroup></table>
    </section>
  </chapter>
  <!-- for editors -->
  <chapter><title>Seals</title><para>Rings.</para></chapter>
</book>"""
PARSED = read("a.xml", BOOK)


def test_titles_are_headings_of_the_sections_they_stand_in() -> None:
    assert path_of(PARSED, "x = 1") == ("Pumps of Pump Works", "Valves", "Inner")
    assert path_of(PARSED, "Rings.") == ("Pumps of Pump Works", "Seals")
    assert PARSED.title == "Pumps of Pump Works"


def test_marks_within_a_sentence_do_not_cut_it() -> None:
    assert "See the guide, H2O." in texts(PARSED, "paragraph")


def test_links_are_kept() -> None:
    link = PARSED.links[0]
    assert (PARSED.text[link.start : link.end], link.target) == ("guide", "http://guide.example")


def test_lists_listings_and_tables_are_what_they_are() -> None:
    assert texts(PARSED, "list") == ["- close\n- open"]
    assert texts(PARSED, "code") == ["x = 1\n  y = 2"]
    assert texts(PARSED, "table") == ["| Kind | Days |\n| sick | 30 |"]


def test_comments_are_no_text() -> None:
    assert "editors" not in PARSED.text


def test_an_article_has_its_title_and_sections() -> None:
    parsed = read(
        "a.xml",
        "<article><front><journal-meta><journal-title>J</journal-title></journal-meta>"
        "<article-meta><title-group><article-title>On pumps</article-title></title-group>"
        "<contrib><name><surname>Roe</surname><given-names>Ann</given-names></name></contrib>"
        "</article-meta></front><body><sec><title>Results</title><p>It <italic>runs</italic>.</p>"
        "</sec></body></article>",
    )
    assert parsed.title == "On pumps"
    assert path_of(parsed, "It runs.") == ("On pumps", "Results")
    assert "Roe Ann" in parsed.text


def test_records_of_data_keep_the_names_of_their_fields() -> None:
    parsed = read(
        "a.xml",
        '<staff><person id="1"><name>Ann</name><role>boss</role></person>'
        '<person id="2"><name>Bo</name><role>clerk</role></person></staff>',
    )
    assert texts(parsed) == ["id: 1\nname: Ann\nrole: boss", "id: 2\nname: Bo\nrole: clerk"]


def test_settings_in_attributes_are_text() -> None:
    assert texts(read("a.xml", '<conf><add key="speed" value="40"/></conf>')) == [
        "key: speed\nvalue: 40"
    ]


def test_a_page_in_xml_is_read_as_a_page() -> None:
    page = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Hi</p></body></html>'
    assert read("a.xml", page).media_type == "text/html"


def test_another_encoding_is_read_as_declared() -> None:
    text = '<?xml version="1.0" encoding="iso-8859-2"?><a>Żółw</a>'
    assert read("a.xml", text.encode("iso-8859-2")).text == "Żółw"


def test_no_entity_reads_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not tell", "utf-8")
    parsed = read(
        "a.xml", f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>before &x; after</a>'
    )
    assert parsed.text == "before after"


def test_entities_made_of_entities_are_refused() -> None:
    entities = '<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">'
    with pytest.raises(ParseFailed) as failed:
        read("a.xml", f"<!DOCTYPE x [{entities}]><x>&c;</x>")
    assert failed.value.kind == "unsafe_xml"


def test_an_entity_of_html_that_nobody_declared_does_not_spoil_the_rest() -> None:
    assert "after" in read("a.xml", "<a>before&nbsp;after</a>").text


@pytest.mark.parametrize("data", ["<a><b></a>", "<a>", "no xml"])
def test_what_is_not_well_formed_is_refused(data: str) -> None:
    with pytest.raises(ParseFailed, match="not well-formed") as failed:
        read("a.xml", data)
    assert failed.value.kind == "corrupt"


def test_a_deep_nest_is_no_danger() -> None:
    deep = "<a>" * 1500 + "words" + "</a>" * 1500
    assert read("a.xml", deep).text == "words"
    with pytest.raises(ParseFailed) as failed:
        read("a.xml", "<a>" * 50_000 + "words" + "</a>" * 50_000)
    assert failed.value.kind == "too_deep"
