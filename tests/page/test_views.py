"""The other views, the key, and that every view is fit for a screen reader and for a phone."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.acts import ask, more, open_citation

Enter = Callable[..., Page]
VIEWS = {  # each with words that stand there when it is complete
    "ask": "Answers come from",
    "documents": "backups.md",
    "search": "No model is asked",
    "figures": "Calls of models",
    "evaluations": "Nothing was measured yet",
    "key": "You ask for the tenant",
}
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
WIDTH = "document.documentElement.scrollWidth"
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
        widths[view] = page.evaluate(WIDTH)
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


def test_a_refusal_is_shown_in_the_service_s_own_words(loud: Page, url: str) -> None:
    page = loud
    page.goto(f"{url}/#/search")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Field").fill("page")
    page.get_by_label("Condition").select_option("is at least")
    page.get_by_label("Value").fill("many")
    page.get_by_role("textbox", name="Question").fill("backups")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("page")


def test_axe_finds_nothing_wrong_in_the_states_of_a_key(enter: Enter) -> None:
    page = more(enter("operator"))
    found = {"more": violations(page)}
    enter("operator", "figures").get_by_role("figure").first.wait_for()
    found["figures"] = violations(page)
    enter("asks", "evaluations").get_by_text("a key needs the scope").wait_for()
    found["lacking"] = violations(page)
    assert found == {"more": [], "figures": [], "lacking": []}


def test_nothing_is_wider_than_a_phone_in_the_states_of_a_key(enter: Enter, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    widths = []
    more(enter("operator"))
    widths.append(page.evaluate(WIDTH))
    for view in ("figures", "key"):
        enter("operator", view).get_by_role("heading", level=2).or_(
            page.get_by_role("figure")
        ).first.wait_for()
        widths.append(page.evaluate(WIDTH))
    assert widths == [360, 360, 360]
