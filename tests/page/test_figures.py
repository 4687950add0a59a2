"""The dashboard: plots, each with a table that says the same, and its states."""

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, Route, expect

from tests.page.conftest import Firm, opened

Enter = Callable[..., Page]
PLOTS = (
    "Spent a day, by model",
    "Input tokens a day",
    "Saved a day by prompt caches",
    "Of what was cacheable, read from the cache",
    "Calls a day that no cache served, by reason",
    "Time of a model's call",
)


def table(page: Page, title: str) -> list[str]:
    """The words of its last row and of its head."""
    plot = page.get_by_role("figure", name=title)
    plot.get_by_text("As a table").click()
    rows = plot.get_by_role("row")
    return [rows.first.inner_text(), rows.last.inner_text()]


def test_every_plot_says_the_same_as_a_table(enter: Enter) -> None:
    page = enter("admin", "figures")
    page.get_by_role("figure").first.wait_for()
    today = f"{datetime.now(UTC):%-d %b}"
    for title in PLOTS:
        head, last = table(page, title)
        assert head.startswith("Day")
        assert last.startswith(today), title
        assert any(sign.isdigit() for sign in last.removeprefix(today)), title


def test_a_cache_that_was_not_read_has_reasons(enter: Enter) -> None:
    page = enter("admin", "figures")
    head, _ = table(page, PLOTS[4])
    assert "too much behind it" in head
    expect(page.get_by_role("figure", name=PLOTS[4])).to_contain_text("in the system message")


def test_the_operator_sees_what_each_tenant_spends(enter: Enter) -> None:
    page = enter("operator", "figures")
    page.get_by_label("Tenants").select_option("all")
    head, last = table(page, "Spent a day, by tenant")
    assert {"default", "harbour", "foundry"} <= set(head.split())
    assert last.count("$") == 3


def test_a_tenant_s_admin_is_not_offered_the_others(enter: Enter) -> None:
    page = enter("admin", "figures")
    page.get_by_role("figure").first.wait_for()
    expect(page.get_by_label("Tenants")).to_have_count(0)


def test_figures_that_do_not_come_can_be_asked_for_again(loud: Page, firm: Firm) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    loud.route("**/v1/figures*", hold)
    opened(loud, firm, "admin", "figures")
    expect(loud.get_by_text("Adding up")).to_be_visible()
    waiting.pop().abort()
    loud.get_by_role("alert").wait_for()
    loud.unroute("**/v1/figures*")
    loud.get_by_role("button", name="Try again").click()
    expect(loud.get_by_role("figure").first).to_be_visible()
    expect(loud.get_by_role("alert")).to_have_count(0)
