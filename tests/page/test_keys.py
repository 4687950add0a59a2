"""What a key opens, the page shows; what it lacks is said, and no request is sent for it."""

from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.page.acts import ask
from tests.page.conftest import Firm

Enter = Callable[..., Page]


@pytest.mark.parametrize(
    ("key", "views", "scope"),
    [("asks", ("figures", "evaluations", "key"), "admin"), ("adds", ("ask", "search"), "ask")],
    ids=["asks", "adds"],
)
def test_what_a_key_lacks_is_said(
    enter: Enter, firm: Firm, key: str, views: tuple[str, ...], scope: str
) -> None:
    page = enter(key)
    for view in views:
        page.goto(f"{firm.url}/#/{view}")
        expect(page.get_by_text(f"a key needs the scope {scope}")).to_be_visible()


def test_a_key_that_asks_reads_documents_and_changes_none(enter: Enter) -> None:
    page = enter("asks", "documents")
    page.get_by_role("button", name="Backups and restore").click()
    expect(page.get_by_role("dialog")).to_contain_text("Backups are kept for 35 days")
    page.keyboard.press("Escape")
    expect(page.get_by_text("a key needs the scope ingest")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_a_key_that_adds_documents_sees_them(enter: Enter) -> None:
    page = enter("adds", "documents")
    expect(page.get_by_text("backups.md")).to_be_visible()
    expect(page.get_by_label("Upload files")).to_be_attached()


def test_a_key_for_one_collection_has_its_own_conversations(enter: Enter) -> None:
    page = enter("bound")
    ask(page, "Who may restore a backup?")
    page.reload()
    expect(page.get_by_role("link", name="Who may restore")).to_have_count(1)
    expect(page.get_by_role("article")).to_be_visible()


def test_a_key_for_another_collection_asks_that_one(enter: Enter) -> None:
    page = enter("elsewhere")
    expect(page.get_by_text("The collection space is empty")).to_be_visible()


def test_the_first_key_is_made_shown_once_and_used(page: Page, url: str) -> None:
    """And revoked at the end: without any, nobody needs one."""
    page.goto(f"{url}/#/key")
    page.get_by_label("Name").fill("operator")
    page.get_by_label("everything, keys too").check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_label("The new key").input_value()
    mine = {"Authorization": f"Bearer {secret}"}
    with httpx2.Client(base_url=url, trust_env=False) as client:
        try:
            expect(page.get_by_text("with a key")).to_be_visible()
            assert client.get("/v1/keys").status_code == 401
            assert client.get("/v1/keys", headers=mine).json()["keys"][0]["name"] == "operator"
            page.reload()
            expect(page.get_by_text("operator")).to_be_visible()
            assert secret not in page.content()
        finally:
            assert client.delete("/v1/keys/operator", headers=mine).status_code == 204


def test_a_key_is_asked_for_kept_in_the_tab_and_forgotten(loud: Page, firm: Firm) -> None:
    loud.goto(firm.url)
    loud.get_by_role("link", name="Enter a key").click()
    loud.get_by_label("Key", exact=True).fill(firm.secrets["asks"])
    loud.get_by_role("button", name="Use this key").click()
    expect(loud.get_by_text("with a key")).to_be_visible()
    loud.get_by_role("link", name="Ask").first.click()
    ask(loud)
    loud.reload()
    expect(loud.get_by_role("article")).to_be_visible()
    loud.get_by_role("link", name="Key", exact=True).click()
    loud.get_by_role("button", name="Forget it").click()
    expect(loud.get_by_role("alert")).to_contain_text("needs a key")
