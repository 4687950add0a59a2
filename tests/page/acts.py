"""What a person does on the page, by the names that a screen reader would say."""

import re
from pathlib import Path

from playwright.sync_api import Page

QUESTION = "How long are backups kept?"
_DONE = re.compile(r"passages? in \d")


def ask(page: Page, text: str = QUESTION) -> None:
    """When it returns, the answer is complete."""
    answers = page.get_by_role("article")
    before = answers.count()
    page.get_by_role("textbox", name="Question").fill(text)
    page.get_by_role("textbox", name="Question").press("Enter")
    answers.nth(before).get_by_role("group").wait_for()


def open_citation(page: Page) -> str:
    """The words that are marked in the document."""
    page.get_by_role("article").last.get_by_role("button", name="Source 1").first.click()
    return page.get_by_role("dialog").locator("mark").inner_text()


def upload(page: Page, *files: Path) -> None:
    page.get_by_label("Upload files").set_input_files(list(files))
    page.get_by_role("region", name="Upload of").first.get_by_text(_DONE).wait_for()


def more(page: Page) -> Page:
    """With what is folded away beside the question."""
    page.get_by_role("button", name="More").click()
    return page
