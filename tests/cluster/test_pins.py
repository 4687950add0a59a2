"""What the extra `ray` installs is pinned, and fits what is pinned without it."""

import tomllib

import pytest
from packaging.requirements import Requirement

from tests.cluster.nodes import RAY
from tests.layout.checkout import read
from tests.layout.test_pins import PIN, closure, pins

OWN = pins("constraints-ray.txt")
EXTRAS = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]


def test_a_line_is_a_name_and_a_version_or_a_comment() -> None:
    lines = [line for line in read("constraints-ray.txt").splitlines() if line[:2] != "# "]
    assert [line for line in lines if not PIN.fullmatch(line)] == []


def test_the_pin_satisfies_the_extra() -> None:
    (wanted,) = map(Requirement, EXTRAS["ray"])
    assert wanted.specifier.contains(OWN["ray"])


@pytest.mark.skipif(not RAY, reason="Ray is not installed: `make test-ray` installs it")
def test_everything_that_ray_needs_is_pinned() -> None:
    needed = closure([Requirement("ray")], set())
    assert needed.keys() - OWN.keys() - pins("constraints.txt").keys() == set()


def test_nothing_of_it_is_pinned_with_the_rest() -> None:
    assert OWN.keys().isdisjoint(pins("constraints.txt"))


def test_what_tests_need_as_well_has_the_same_version() -> None:
    dev = pins("constraints-dev.txt")
    assert {name: dev[name] for name in OWN.keys() & dev.keys()}.items() <= OWN.items()
