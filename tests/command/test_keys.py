"""`forebay keys`: the secret on stdout alone, and a service beside it that knows the key."""

import json
from pathlib import Path

from tests.service import forebay, running


def created(data: Path, *arguments: str) -> str:
    done = forebay("keys", "create", *arguments, data=data)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def listed(data: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(forebay("keys", "list", "--json", data=data).stdout)
    return found


def test_the_secret_is_all_that_stdout_has(tmp_path: Path) -> None:
    secret = created(tmp_path, "wiki")
    assert secret.startswith("fb_")
    assert len(secret.split()) == 1


def test_the_list_says_what_a_key_is_for(tmp_path: Path) -> None:
    wish = ["--scope", "ingest", "--scope", "ask", "--collection", "handbook", "--days", "30"]
    secret = created(tmp_path, "wiki", *wish, "--monthly-dollars", "5", "--requests-a-minute", "60")
    shown = forebay("keys", "list", data=tmp_path).stdout
    assert all(word in shown for word in ("wiki", "ask, ingest", "handbook", "$5.00", "60"))
    assert secret not in shown


def test_a_scope_that_does_not_exist_is_named(tmp_path: Path) -> None:
    done = forebay("keys", "create", "wiki", "--scope", "write", data=tmp_path)
    assert done.returncode == 2
    assert "ask, ingest, admin" in done.stderr


def test_a_key_of_another_tenant_is_not_revoked(tmp_path: Path) -> None:
    created(tmp_path, "wiki", "--tenant", "acme")
    done = forebay("keys", "revoke", "wiki", data=tmp_path)
    assert done.returncode == 1
    assert "no key named 'wiki'" in done.stderr


def test_a_revoked_key_is_gone(tmp_path: Path) -> None:
    created(tmp_path, "wiki")
    assert forebay("keys", "revoke", "wiki", data=tmp_path).returncode == 0
    assert listed(tmp_path) == []


def test_a_service_beside_it_knows_a_new_key(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        assert service.get("/v1/keys").status_code == 200
        secret = created(tmp_path, "wiki", "--scope", "admin")
        headers = {"Authorization": f"Bearer {secret}"}
        names = [key["name"] for key in service.get("/v1/keys", headers=headers).json()["keys"]]
    assert names == ["wiki"]


def test_a_renewed_key_has_another_secret(tmp_path: Path) -> None:
    old = created(tmp_path, "wiki")
    new = forebay("keys", "rotate", "wiki", data=tmp_path).stdout.strip()
    assert new.startswith("fb_")
    assert new != old
