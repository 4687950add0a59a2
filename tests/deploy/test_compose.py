"""The services fit together, start in order, and let nobody in but over loopback with a key."""

import re
import shutil
import subprocess
from typing import Any

import pytest

from api.serve import LAST_WORDS
from tests.deploy.files import COMPOSE, PORT, PROJECT, SERVICES
from tests.layout.checkout import ROOT, read
from tests.layout.test_pins import pins
from wiring.settings import variables

ENVIRONMENT: dict[str, str | None] = SERVICES["forebay"]["environment"]
every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def _has_compose() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.mark.skipif(not _has_compose(), reason="docker compose is not installed")
def test_compose_takes_the_file() -> None:
    secrets = dict.fromkeys(re.findall(r"\$\{(\w+):\?", read("docker-compose.yml")), "x")
    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **secrets},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_has_forebay_and_the_three_servers() -> None:
    assert set(SERVICES) == {"forebay", "qdrant", "postgres", "valkey"}


@every_service
def test_an_image_is_pinned_to_one_release(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])


def test_our_image_has_the_projects_version() -> None:
    assert SERVICES["forebay"]["image"] == f"forebay:{PROJECT['version']}"


def test_qdrant_is_of_the_clients_minor_version() -> None:
    server = SERVICES["qdrant"]["image"].partition(":v")[2]
    assert server.split(".")[:2] == pins("constraints.txt")["qdrant-client"].split(".")[:2]


@every_service
def test_a_service_says_whether_it_is_healthy(service: dict[str, Any]) -> None:
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])


def test_forebay_starts_after_the_servers_it_needs_are_healthy() -> None:
    needs = SERVICES["forebay"]["depends_on"]
    healthy = {"condition": "service_healthy"}
    assert needs == {"qdrant": healthy, "postgres": healthy, "valkey": healthy}


def test_the_one_open_port_is_on_loopback() -> None:
    opened = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert opened == [f"127.0.0.1:{PORT}:{PORT}"]


def test_only_forebay_has_a_way_out() -> None:
    outside = {name for name, service in SERVICES.items() if service["networks"] != ["inside"]}
    assert outside == {"forebay"}
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_forebay_is_given_settings_that_exist() -> None:
    assert set(ENVIRONMENT) <= set(variables())


@pytest.mark.parametrize(
    ("variable", "service"),
    [("FOREBAY_QDRANT__URL", "qdrant"), ("FOREBAY_DATABASE__URL", "postgres")],
)
def test_an_address_names_a_service_on_its_network(variable: str, service: str) -> None:
    assert re.search(rf"(//|@){service}:\d+", ENVIRONMENT[variable] or "")
    assert set(SERVICES[service]["networks"]) & set(SERVICES["forebay"]["networks"])


def test_a_missing_secret_is_an_error_and_none_is_written_down() -> None:
    secret = re.compile(r"^ +\w*(?:KEY|PASSWORD): *(\S.*)$", re.MULTILINE)
    values = secret.findall(read("docker-compose.yml"))
    given = [value for value in values if not value.startswith("#")]
    assert given
    assert [value for value in given if not re.match(r"\$\{\w+:\?.*\}", value)] == []


@every_service
def test_a_service_cannot_gain_rights_nor_write_outside_its_volumes(
    service: dict[str, Any],
) -> None:
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]


@every_service
def test_a_service_is_limited_and_comes_back(service: dict[str, Any]) -> None:
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["restart"] == "unless-stopped"


def test_data_lies_in_named_volumes() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service["volumes"]]
    assert {mount.partition(":")[0] for mount in mounts} == set(COMPOSE["volumes"])


def test_every_server_is_told_to_forebay() -> None:
    told = " ".join(str(value) for value in ENVIRONMENT.values())
    assert [name for name in SERVICES if name != "forebay" and f"{name}:" not in told] == []


def test_it_is_not_killed_while_answers_are_still_told() -> None:
    drain, _ = variables()["FOREBAY_API__DRAIN_SECONDS"]
    grace = int(SERVICES["forebay"]["stop_grace_period"].removesuffix("s"))
    assert grace >= int(drain) + LAST_WORDS + 5  # and everything is closed
