"""What is served is what `make web` makes of today's sources, small, and bound to its origin."""

import gzip
import hashlib
from collections.abc import Iterator

import httpx2
import pytest

from tests.layout.checkout import ROOT, files

SITE = ROOT / "api" / "site"
MOST_BYTES = 300_000  # over the wire


@pytest.fixture(scope="module")
def service(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, trust_env=False) as client:
        yield client


def fingerprint() -> str:
    """As web/built.ts computes it."""
    found = hashlib.sha256()
    for path in sorted(str(path) for path in files() if path.parts[0] == "web"):
        content = hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
        found.update(f"{path.removeprefix('web/')}\n{content}".encode())
    return found.hexdigest()


def test_the_built_page_is_made_of_todays_sources() -> None:
    built = (SITE / "built.txt").read_text("utf-8").strip()
    assert built == fingerprint(), "web/ has changed since the page was built: run `make web`"


def test_all_of_it_is_small_over_the_wire() -> None:
    packed = [len(gzip.compress(path.read_bytes())) for path in SITE.rglob("*") if path.is_file()]
    assert sum(packed) < MOST_BYTES


def test_no_script_or_style_stands_in_the_page_itself(service: httpx2.Client) -> None:
    text = service.get("/").text
    assert "<style" not in text
    assert text.count("<script") == text.count('<script type="module" crossorigin src="./assets/')


def test_the_page_may_run_its_own_scripts_alone(service: httpx2.Client) -> None:
    policy = service.get("/").headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy


def test_what_a_browser_has_is_not_sent_again(service: httpx2.Client) -> None:
    tag = service.get("/").headers["etag"]
    assert service.get("/", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["..%2f..%2fpyproject.toml", "no.js", "..%2findex.html"])
def test_no_other_file_is_served(service: httpx2.Client, name: str) -> None:
    assert service.get(f"/assets/{name}").status_code == 404


def test_the_page_names_no_other_host() -> None:
    page = (SITE / "index.html").read_text("utf-8")
    assert "http" not in page.replace("http-equiv", "")


def test_the_lock_file_says_what_is_installed_and_not_from_where() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text("utf-8")
    assert [word for word in ('"resolved"', '"funding"', "://") if word in lock] == []
