"""The page in Debian's Chromium, over a real service. Whatever it reports as an error fails."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.service import handbook_data, running

__all__ = ["handbook_data"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ALONE = (  # it is to reach loopback and nothing else
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("there is no Chromium here; `apt-get install chromium` brings it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_ALONE))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def url(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One service for all these tests: what one of them adds, the others do not mind."""
    own = tmp_path_factory.mktemp("service") / "data"
    with running(Path(shutil.copytree(handbook_data, own))) as client:
        yield str(client.base_url)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own; what its console reports as an error, or warns of, fails the test."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console",
        lambda message: said.append(message.text) if message.type in {"error", "warning"} else None,
    )
    yield page
    context.close()
    assert said == []
