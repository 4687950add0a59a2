"""The site builds without a warning, loads nothing from elsewhere, and the README leads into it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.layout.checkout import ROOT, read

_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["']?https?://[^>]*>""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, for the generator builds below its project alone."""
    project = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", project / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "zensical.toml", project)
    generator = Path(sys.executable).with_name("zensical")
    done = subprocess.run(
        [generator, "build", "--strict"], cwd=project, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "No issues found" in said, said
    return project / "build" / "docs"


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix("") for path in _pages()}
    built = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    assert pages <= built


def test_every_page_is_in_the_navigation() -> None:
    config = read("zensical.toml")
    left_out = [str(path) for path in _pages() if f'"{_name(path)}"' not in config]
    assert left_out == []


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    found = [tag for path in site.rglob("*.html") for tag in _LOADED.findall(path.read_text())]
    assert [tag for tag in found if 'rel="canonical"' not in tag] == []


def test_no_code_gets_into_the_site(site: Path) -> None:
    assert list(site.rglob("*.py*")) == []


def test_links_of_the_readme_lead_to_what_there_is() -> None:
    dead = [
        f"{path}#{anchor}"
        for path, anchor in _LINK.findall(read("README.md"))
        if not (ROOT / path).exists() or (anchor and anchor not in _anchors(path))
    ]
    assert dead == []


def _pages() -> list[Path]:
    return sorted((ROOT / "docs").rglob("*.md"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "docs").as_posix()


def _anchors(path: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", read(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
