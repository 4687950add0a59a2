"""The packages on disk, in the build, in the import rules and in the type check are the same."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from tests.layout.checkout import ROOT, packages, read

TOOLS: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["tool"]


def test_the_wheel_has_exactly_todays_packages() -> None:
    listed = TOOLS["setuptools"]["packages"]["find"]["include"]
    assert sorted(listed) == sorted(f"{name}*" for name in packages())


def test_the_import_rules_cover_every_package() -> None:
    assert set(TOOLS["importlinter"]["root_packages"]) == packages()


def test_types_are_checked_in_every_package() -> None:
    assert set(TOOLS["mypy"]["packages"]) == packages() | {"tests", "bench"}


def test_no_other_installed_distribution_claims_our_names() -> None:
    owners = packages_distributions()
    claims = {name: set(owners.get(name, ["forebay"])) for name in packages()}
    assert claims == {name: {"forebay"} for name in packages()}


def test_imports_go_downwards_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
