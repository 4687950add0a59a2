"""The other views, the key, and that every view is fit for a screen reader and for a phone."""

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.acts import ask, open_citation
from tests.service import running

VIEWS = {  # each with words that stand there when it is complete
    "ask": "Answers come from",
    "documents": "backups.md",
    "search": "No model is asked",
    "figures": "Calls of models",
    "evaluations": "Nothing was measured yet",
    "key": "You ask for the tenant",
}
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
LOOKS: dict[str, Any] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
}


def show(page: Page, url: str, view: str) -> None:
    page.goto(f"{url}/#/{view}")
    page.get_by_text(VIEWS[view]).first.wait_for()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong on the page as it stands."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [
        f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_wrong_in_any_view(browser: Browser, url: str, look: str) -> None:
    context = browser.new_context(**LOOKS[look])
    page = context.new_page()
    found = {}
    for view in VIEWS:
        show(page, url, view)
        found[view] = violations(page)
    context.close()
    assert [view for view, wrong in found.items() if wrong] == [], found


def test_axe_finds_nothing_wrong_with_an_answer_and_its_source(page: Page, url: str) -> None:
    page.goto(url)
    ask(page)
    page.get_by_role("article").get_by_role("group").locator("summary").click()
    answer = violations(page)
    open_citation(page)
    assert (answer, violations(page)) == ([], [])


def test_no_view_is_wider_than_a_phone(browser: Browser, url: str) -> None:
    context = browser.new_context(**LOOKS["phone"])
    page = context.new_page()
    widths = {}
    for view in VIEWS:
        show(page, url, view)
        widths[view] = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert widths == dict.fromkeys(VIEWS, 360)


def test_a_search_explains_itself(page: Page, url: str) -> None:
    page.goto(f"{url}/#/search")
    page.get_by_role("textbox", name="Question").fill("backups")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="10 passages found")).to_be_visible()
    page.get_by_text("considered and left out").click()
    for column in ("Words", "Meaning", "Fused", "Score", "Why"):
        expect(page.get_by_role("columnheader", name=column).last).to_be_visible()


def test_a_refusal_is_shown_in_the_service_s_own_words(browser: Browser, url: str) -> None:
    page = browser.new_page()  # the console tells of the status, rightly
    page.goto(f"{url}/#/search")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Field").fill("page")
    page.get_by_label("Condition").select_option("is at least")
    page.get_by_label("Value").fill("many")
    page.get_by_role("textbox", name="Question").fill("backups")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("page")
    page.close()


def test_a_key_is_made_shown_once_and_used(
    browser: Browser, handbook_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(handbook_data, tmp_path / "data"))
    with running(data) as client:
        page = browser.new_page()
        page.goto(f"{client.base_url}/#/key")
        page.get_by_label("Name").fill("operator")
        page.get_by_label("everything, keys too").check()
        page.get_by_role("button", name="Make the key").click()
        secret = page.get_by_label("The new key").input_value()
        expect(page.get_by_text("with a key")).to_be_visible()
        assert client.get("/v1/keys").status_code == 401
        mine = {"Authorization": f"Bearer {secret}"}
        assert client.get("/v1/keys", headers=mine).json()["keys"][0]["name"] == "operator"
        page.reload()
        expect(page.get_by_text("operator")).to_be_visible()
        assert secret not in page.content()
        page.close()


def test_a_key_is_asked_for_kept_in_the_tab_and_forgotten(
    browser: Browser, handbook_data: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(handbook_data, tmp_path / "data"))
    with running(data, FOREBAY_API__KEY="open-sesame") as client:
        page = browser.new_page()
        page.goto(str(client.base_url))
        page.get_by_role("link", name="Enter a key").click()
        page.get_by_label("Key", exact=True).fill("open-sesame")
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_text("with a key")).to_be_visible()
        page.get_by_role("link", name="Ask").first.click()
        ask(page)
        page.reload()
        expect(page.get_by_role("article")).to_be_visible()
        page.get_by_role("link", name="Key").click()
        page.get_by_role("button", name="Forget it").click()
        expect(page.get_by_role("alert")).to_contain_text("needs a key")
        page.close()
