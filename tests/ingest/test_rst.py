"""What reStructuredText becomes, Sphinx's dialect included."""

from pathlib import Path

from tests.ingest.reading import path_of, read, texts

GUIDE = """.. a comment

=====
Pumps
=====

:Author: Ann

See the `guide <http://guide.example>`_ and :ref:`the valves <valves>`, or :func:`~pump.core.run`.

.. _valves:

Valves
------

* close
* open

  - slowly

1. first
2. second

pressure
    Force on an area.

.. note::

   Mind the gap.

Example::

    def run():

        return 1

Inner
~~~~~

==== ====
Kind Days
==== ====
sick 30
==== ====

+------+------+
| Kind | Days |
+======+======+
| ill  | 31   |
+------+------+

Seals
-----

.. code-block:: python
   :linenos:

   x = 1

.. versionadded:: 3.2
   The ring.

.. unheard-of:: Argument
   :option: value

   What it **says**.

.. toctree::
   other

End.
"""
PARSED = read("a.rst", GUIDE)


def test_sections_nest_by_the_order_of_their_marks() -> None:
    assert path_of(PARSED, "sick") == ("Pumps", "Valves", "Inner")
    assert path_of(PARSED, "x = 1") == ("Pumps", "Seals")


def test_the_only_outer_section_gives_the_title() -> None:
    assert PARSED.title == "Pumps"


def test_roles_are_their_words_and_links_are_kept() -> None:
    assert "See the guide and the valves, or run." in texts(PARSED, "paragraph")
    assert [link.target for link in PARSED.links] == ["http://guide.example"]


def test_lists_keep_their_items_and_levels() -> None:
    assert texts(PARSED, "list") == ["- close\n- open\n  - slowly", "1. first\n2. second"]


def test_a_term_stands_with_what_is_said_of_it() -> None:
    assert "pressure\nForce on an area." in texts(PARSED, "paragraph")


def test_a_note_says_that_it_is_one() -> None:
    assert "Note: Mind the gap." in texts(PARSED, "paragraph")


def test_code_is_whole() -> None:
    assert texts(PARSED, "code") == ["def run():\n\n    return 1", "x = 1"]


def test_tables_of_both_kinds_are_rows_under_a_head() -> None:
    assert texts(PARSED, "table") == [
        "| Kind | Days |\n| sick | 30 |",
        "| Kind | Days |\n| ill | 31 |",
    ]
    assert all(block.headed for block in PARSED.blocks if block.kind == "table")


def test_a_directive_nobody_knows_keeps_its_words() -> None:
    assert {"Argument", "What it says."} <= set(texts(PARSED, "paragraph"))


def test_a_change_says_its_version() -> None:
    assert "New in version 3.2\nThe ring." in PARSED.text


def test_comments_and_lists_of_other_files_are_no_text() -> None:
    assert "comment" not in PARSED.text
    assert "other" not in PARSED.text


def test_no_other_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not tell", "utf-8")
    text = (
        f".. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n\n"
        f".. csv-table::\n   :file: {secret}\n\n.. literalinclude:: {secret}\n\nEnd.\n"
    )
    parsed = read("a.rst", text)
    assert "do not tell" not in parsed.text
    assert parsed.text.endswith("End.")


def test_a_table_that_is_askew_is_not_lost() -> None:
    assert "askew" in read("a.rst", "=== ===\nA   B\n=== ===\nx askew and too wide\n=== ===\n").text


def test_titles_of_inconsistent_levels_lose_nothing() -> None:
    text = "A\n=\n\na\n\nB\n-\n\nb\n\nC\n~\n\nc\n\nD\n=\n\nd\n\nE\n~\n\ne\n"
    assert {"a", "b", "c", "d", "e"} <= set(read("a.rst", text).text.split())


def test_the_registers_of_docutils_are_as_before() -> None:
    from docutils.parsers.rst import directives, roles

    assert directives.directive.__module__ == "docutils.parsers.rst.directives"
    assert roles.role.__module__ == "docutils.parsers.rst.roles"
