"""Addresses are taken as users write them, and what is wrong says what is right."""

import re
from pathlib import Path

import pytest

from domain.errors import Misconfigured
from wiring.state.address import Address


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("sqlite:///state.db", "state.db"),
        ("sqlite:////var/lib/state.db", "/var/lib/state.db"),
        ("sqlite+aiosqlite:////var/lib/100% sure?.db", "/var/lib/100% sure?.db"),
        ("postgresql://u:p@h/db", "postgresql://u:p@h/db"),
        ("postgres://u:p@h/db", "postgresql://u:p@h/db"),
        ("postgresql+asyncpg://u:p@h/db?sslmode=require", "postgresql://u:p@h/db?sslmode=require"),
    ],
)
def test_an_address_is_taken_as_users_write_it(url: str, target: str) -> None:
    assert Address.parse(url).target == target


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://u:p@db.local:5433/my%20state", "'my state' at db.local:5433"),
        ("postgresql://[::1]:5433/state", "'state' at [::1]:5433"),
        ("postgresql://u@one:1,two:2/state", "'state' at one:1,two:2"),
        ("postgresql:///state?host=/run/postgresql", "'state' at its default address"),
        ("sqlite:///state.db", f"'{Path.cwd() / 'state.db'}'"),
    ],
)
def test_messages_name_the_place(url: str, where: str) -> None:
    assert where in Address.parse(url).where


@pytest.mark.parametrize("url", ["mysql://u:hush@h/db", "sqlite3:///x", "state.db", "", "a b://c"])
def test_another_kind_of_database_is_refused_with_the_right_ones(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"sqlite:///.*postgresql://") as raised:
        Address.parse(url)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://a/b.db"]
)
def test_a_sqlite_address_names_a_file(url: str) -> None:
    with pytest.raises(Misconfigured, match="does not name a file"):
        Address.parse(url)


@pytest.mark.parametrize("sign", list("@/?#"))
def test_a_password_with_a_bare_sign_is_not_repeated_but_its_remedy_named(sign: str) -> None:
    with pytest.raises(Misconfigured, match="%40") as raised:
        Address.parse(f"postgresql://u:77{sign}88@h:5432/db")
    assert not {"77", "88"} & set(re.findall(r"\d\d", str(raised.value)))


def test_an_address_does_not_show_its_password() -> None:
    assert "hush" not in repr(Address.parse("postgresql://u:hush@h/db"))
