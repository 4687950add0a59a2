"""Documents come and go on the page, and a bad one is named with its reason."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.page.acts import ask, open_citation, upload

ROUNDS = int(os.environ.get("FOREBAY_TEST_PAGE_ROUNDS", "3"))


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "Überblick 🚀.md"
    path.write_text("# Rocket\n\n🚀🚀 The launch window of the Larkspur rocket is 14 minutes.\n")
    return path


def test_what_is_uploaded_answers_the_next_question(page: Page, url: str, report: Path) -> None:
    page.goto(f"{url}/#/documents")
    upload(page, report)
    page.get_by_role("link", name="Ask").first.click()
    ask(page, "How long is the launch window of the Larkspur rocket?")
    assert open_citation(page) == "🚀🚀 The launch window of the Larkspur rocket is 14 minutes."


def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    page: Page, url: str, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 and no more")
    page.goto(f"{url}/#/documents")
    upload(page, broken)
    expect(page.get_by_role("region", name="Upload of broken.pdf")).to_contain_text("damaged")


def test_a_document_is_deleted_after_a_question(page: Page, url: str, tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_text("The old rule.")
    page.goto(f"{url}/#/documents")
    upload(page, old)
    page.get_by_role("button", name="Delete old.txt").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("old.txt was deleted.")).to_be_attached()
    expect(page.get_by_role("button", name="Delete old.txt")).to_have_count(0)


def test_a_new_collection_begins_with_the_first_file(page: Page, url: str, report: Path) -> None:
    page.goto(f"{url}/#/documents")
    page.get_by_label("New collection").fill("space")
    page.get_by_role("button", name="Use it").click()
    upload(page, report)
    expect(page.get_by_role("heading", name="1 document", exact=True)).to_be_visible()


def test_nothing_is_reported_however_often_it_is_used(page: Page, url: str, tmp_path: Path) -> None:
    for number in range(ROUNDS):
        page.goto("about:blank")
        page.goto(url)
        ask(page)
        assert open_citation(page)
        page.keyboard.press("Escape")
        note = tmp_path / f"note-{number}.txt"
        note.write_text(f"Note {number} says that pump {number} was mended.")
        page.get_by_role("link", name="Documents").click()
        upload(page, note)
