"""The manifests fit together, and fit the code: settings, probes, port, image, time to end."""

import re
from typing import Any

import pytest
import yaml

from api import health
from api.serve import LAST_WORDS
from tests.deploy.files import PORT, PROJECT
from tests.layout.checkout import ROOT, read
from wiring.settings import Settings, variables

FOLDER = "deploy/kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load(read(f"{FOLDER}/kustomization.yaml"))
DOCUMENTS: list[dict[str, Any]] = [
    document
    for name in KUSTOMIZATION["resources"]
    for document in yaml.safe_load_all(read(f"{FOLDER}/{name}"))
]
BY_KIND: dict[str, dict[str, Any]] = {one["kind"]: one for one in reversed(DOCUMENTS)}
SPEC: dict[str, Any] = BY_KIND["StatefulSet"]["spec"]
POD: dict[str, Any] = SPEC["template"]["spec"]
(FOREBAY,) = POD["containers"]
SETTINGS = dict(line.split("=", 1) for line in read(f"{FOLDER}/settings.env").splitlines())
SECRETS = {one["name"]: one["valueFrom"]["secretKeyRef"] for one in FOREBAY["env"]}
SAME = {"app.kubernetes.io/name": "forebay"}


def test_every_file_of_the_folder_is_used() -> None:
    used = {*KUSTOMIZATION["resources"], "kustomization.yaml", "settings.env"}
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == used
    (generated,) = KUSTOMIZATION["configMapGenerator"]
    assert generated["envs"] == ["settings.env"]
    assert FOREBAY["envFrom"] == [{"configMapRef": {"name": generated["name"]}}]


def test_it_sets_settings_alone() -> None:
    assert {*SETTINGS, *SECRETS} <= set(variables())


def test_the_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    assert Settings().qdrant.url == SETTINGS["FOREBAY_QDRANT__URL"]


def test_secrets_come_by_reference_and_the_heading_makes_them_all() -> None:
    assert not [name for name in SETTINGS if re.search("KEY|PASSWORD|DATABASE|REDIS", name)]
    made = set(re.findall(r"--from-literal=([\w-]+)=", read(f"{FOLDER}/kustomization.yaml")))
    assert {one["key"] for one in SECRETS.values()} == made
    assert {one["name"] for one in SECRETS.values()} == {"forebay"}


def test_the_cluster_s_own_variables_stay_out() -> None:
    """Those of a service called forebay would be taken for settings that do not exist."""
    assert POD["enableServiceLinks"] is False


@pytest.mark.parametrize(
    ("probe", "path"),
    [
        pytest.param("startupProbe", "/healthz", id="started"),
        pytest.param("livenessProbe", "/healthz", id="alive"),
        pytest.param("readinessProbe", "/readyz", id="ready"),
    ],
)
def test_a_probe_asks_what_it_is_for(probe: str, path: str) -> None:
    assert FOREBAY[probe]["httpGet"] == {"path": path, "port": "http"}
    assert path in {getattr(route, "path", None) for route in health.router.routes}


def test_it_is_reached_at_the_port_that_the_service_takes() -> None:
    assert FOREBAY["ports"] == [{"name": "http", "containerPort": int(PORT)}]


def test_our_image_has_the_projects_version() -> None:
    assert FOREBAY["image"] == f"forebay:{PROJECT['version']}"
    assert KUSTOMIZATION["images"] == [{"name": "forebay", "newTag": PROJECT["version"]}]


def test_all_select_the_same_pods() -> None:
    services = [one["spec"]["selector"] for one in DOCUMENTS if one["kind"] == "Service"]
    budget = BY_KIND["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
    labels = SPEC["template"]["metadata"]["labels"]
    chosen = SPEC["selector"]["matchLabels"]
    assert all(one == SAME for one in (*services, budget, labels, chosen))
    names = [one["metadata"]["name"] for one in DOCUMENTS if one["kind"] == "Service"]
    assert SPEC["serviceName"] in names


def test_there_is_always_one_that_answers() -> None:
    assert SPEC["replicas"] > BY_KIND["PodDisruptionBudget"]["spec"]["maxUnavailable"]


def test_it_is_not_killed_while_answers_are_still_told() -> None:
    (pause,) = re.findall(r"sleep\((\d+)\)", FOREBAY["lifecycle"]["preStop"]["exec"]["command"][-1])
    drain = int(SETTINGS["FOREBAY_API__DRAIN_SECONDS"])
    assert POD["terminationGracePeriodSeconds"] >= int(pause) + drain + LAST_WORDS + 10


def test_it_cannot_gain_rights_nor_write_outside_its_volumes() -> None:
    own = FOREBAY["securityContext"]
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert own["allowPrivilegeEscalation"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert POD["securityContext"]["runAsNonRoot"] is True
    user = POD["securityContext"]["runAsUser"]
    assert f"USER {user}:{user}" in read("Dockerfile")


def test_it_is_limited() -> None:
    assert {"cpu", "memory"} <= set(FOREBAY["resources"]["limits"])
    assert {"cpu", "memory"} <= set(FOREBAY["resources"]["requests"])


def test_what_it_mounts_is_there() -> None:
    volumes = [one["name"] for one in POD["volumes"]]
    volumes += [one["metadata"]["name"] for one in SPEC["volumeClaimTemplates"]]
    assert {one["name"] for one in FOREBAY["volumeMounts"]} == set(volumes)
