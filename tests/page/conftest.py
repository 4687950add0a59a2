"""The page in Debian's Chromium, over real services. Whatever it reports as an error fails."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.api.keyed import ROOT, Keyed, bearer, serving_keys
from tests.page.booked import book
from tests.provider.server import Provider
from tests.provider.server import provider as running_provider
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


@dataclass(frozen=True, slots=True)
class Firm:
    """A service that needs keys, has a model behind it, and has had calls to it."""

    keyed: Keyed
    model: Provider
    secrets: dict[str, str]  # of its keys

    @property
    def url(self) -> str:
        return str(self.keyed.client.base_url)


@pytest.fixture(scope="package")
def firms(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("firm")
    with running_provider() as model:
        behind = {"OPENAI_BASE_URL": model.url, "FOREBAY_CHAT__MODEL": "gpt-5.4-mini"}
        with serving_keys(handbook_data, folder, **behind) as keyed:
            with ThreadPoolExecutor(1) as aside:  # Playwright has the event loop of this thread
                aside.submit(asyncio.run, book(keyed.data)).result()
            yield Firm(keyed, model, secrets(keyed))


def secrets(keyed: Keyed) -> dict[str, str]:
    return {
        "operator": ROOT,
        "admin": _key(keyed, "admin", "admin"),
        "asks": _key(keyed, "asks", "ask"),
        "adds": _key(keyed, "adds", "ingest"),
        "bound": _key(keyed, "bound", "ask", "default"),
        "elsewhere": _key(keyed, "elsewhere", "ask", "space"),
    }


def _key(keyed: Keyed, name: str, scope: str, *collections: str) -> str:
    body = {"name": name, "scopes": [scope], "collections": collections}
    secret: str = keyed.client.post("/v1/keys", json=body, headers=bearer(ROOT)).json()["secret"]
    return secret


@pytest.fixture
def firm(firms: Firm) -> Firm:
    """As if its model had never been asked."""
    firms.model.forget()
    return firms


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own; what its console reports as an error, or warns of, fails the test."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(15_000)
    said: list[str] = []
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on(
        "console",
        lambda message: said.append(message.text) if message.type in {"error", "warning"} else None,
    )
    yield context
    context.close()
    assert said == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def loud(browser: Browser) -> Iterator[Page]:
    """For what a browser rightly reports: a request that is refused, or has no answer."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def enter(page: Page, firm: Firm) -> Callable[..., Page]:
    """Opens a view of the firm with the key of that name."""
    return partial(opened, page, firm)


def opened(page: Page, firm: Firm, key: str, view: str = "ask") -> Page:
    kept = f"sessionStorage.setItem('forebay.key', '{firm.secrets[key]}')"
    page.add_init_script(f"if (origin !== 'null') {kept}")
    page.goto("about:blank")  # or another view of the same page keeps its key
    page.goto(f"{firm.url}/#/{view}")
    return page
