"""Asking: an answer comes in pieces, its numbers open the words that it rests on."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.page.acts import QUESTION, ask, more, open_citation


def test_an_answer_comes_with_its_sources(page: Page, url: str) -> None:
    page.goto(url)
    ask(page)
    answer = page.get_by_role("article")
    expect(answer).to_contain_text("Backups are kept for 35 days")
    expect(answer.get_by_role("list", name="Sources")).to_contain_text("backups.md")


def test_a_number_opens_the_exact_words_in_their_document(page: Page, url: str) -> None:
    page.goto(url)
    ask(page)
    assert open_citation(page).startswith("Backups are kept for 35 days.")
    expect(page.get_by_role("dialog")).to_contain_text("What is backed up, and when")


def test_escape_closes_the_document_and_gives_the_focus_back(page: Page, url: str) -> None:
    page.goto(url)
    ask(page)
    open_citation(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("article").get_by_role("button", name="Source 1").first).to_be_focused()


def test_words_of_a_pdf_are_opened_with_their_page(page: Page, url: str) -> None:
    page.goto(url)
    ask(page, "Which alarm is given for ammonia in the machine room?")
    page.get_by_role("list", name="Sources").get_by_role("button").filter(
        has_text="operations-manual.pdf"
    ).first.click()
    expect(page.get_by_role("dialog")).to_contain_text("operations-manual.pdf · page")


def test_a_conversation_is_found_again(page: Page, url: str) -> None:
    page.goto(url)
    ask(page, "How many days of leave does full-time staff have?")
    page.goto("about:blank")
    page.goto(url)
    page.get_by_role("link", name="How many days of leave").first.click()
    expect(page.get_by_role("article")).to_contain_text("25 days of leave")


def test_a_conversation_is_deleted_after_a_question(page: Page, url: str) -> None:
    page.goto(url)
    ask(page, "Who may park at the north gate?")
    page.get_by_role("button", name="Delete conversation: Who may park").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name="Who may park")).to_have_count(0)
    expect(page.get_by_text("What do you want to know?")).to_be_visible()


def test_a_filter_narrows_the_question(page: Page, url: str) -> None:
    page.goto(url)
    more(page)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Field").fill("source")
    page.get_by_label("Value").fill("leave.md")
    ask(page)
    expect(page.get_by_role("list", name="Sources").get_by_text("backups.md")).to_have_count(0)


def test_nothing_found_is_said(page: Page, url: str) -> None:
    page.goto(url)
    ask(page, "Who painted the ceiling of the Sistine Chapel?")
    expect(page.get_by_role("article")).to_contain_text("none answers this")


def test_the_keyboard_alone_asks_and_opens_a_source(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("textbox", name="Question").focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    source = page.get_by_role("button", name="Source 1").first
    source.wait_for()
    source.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_text_of_documents_stays_text(page: Page, url: str, tmp_path: Path) -> None:
    bad = tmp_path / "krill.md"
    bad.write_text("# Krill\n\nThe krill quota is 71 <img src=x onerror=alert(1)> tonnes.\n")
    page.goto(f"{url}/#/documents")
    page.get_by_label("Upload files").set_input_files(bad)
    page.get_by_text("1 added").wait_for()
    page.get_by_role("link", name="Ask").first.click()
    ask(page, "How large is the krill quota?")
    expect(page.get_by_role("article")).to_contain_text("<img src=x onerror=alert(1)>")
    assert "<img src=x onerror=alert(1)>" in open_citation(page)
