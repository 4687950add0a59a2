"""The address of a state database, as users write it. Never shows a password."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from domain.errors import Misconfigured

_KINDS = (
    "sqlite:///relative/path.db, sqlite:////absolute/path.db or "
    "postgresql://user:password@host:5432/database"
)
_HOST = r"(?:\[[^\]@/]+\]|[^\[\]:@/?#,]*)(?::\d{1,5})?"
_POSTGRESQL = re.compile(
    r"postgresql://(?:[^@/?#]*@)?"
    rf"(?P<host>{_HOST}(?:,{_HOST})*)"  # several, where one may take over from another
    r"(?:/(?P<database>[^/?#@]*))?(?:\?[^#@]*)?"
)


@dataclass(frozen=True, slots=True)
class Address:
    kind: Literal["sqlite", "postgresql"]
    target: str = field(repr=False)  # a path, or the URL that PostgreSQL's own tools take
    where: str  # for messages

    @classmethod
    def parse(cls, url: str) -> "Address":
        match = re.fullmatch(r"([\w+.-]+)://(.*)", url)
        if not match:
            raise Misconfigured(f"FOREBAY_DATABASE__URL is not a URL. Write {_KINDS}.")
        scheme, rest = match.groups()
        match scheme:
            case "sqlite" | "sqlite+aiosqlite":
                return cls._sqlite(rest)
            case "postgresql" | "postgres" | "postgresql+asyncpg":
                return cls._postgresql(f"postgresql://{rest}")
            case _:
                raise Misconfigured(
                    f"FOREBAY_DATABASE__URL begins with '{scheme}://', which Forebay does not "
                    f"speak. Write {_KINDS}."
                )

    @classmethod
    def _sqlite(cls, rest: str) -> "Address":
        host, _, path = rest.partition("/")
        if host or not path or path == ":memory:":
            raise Misconfigured(
                f"FOREBAY_DATABASE__URL 'sqlite://{rest}' does not name a file. Write {_KINDS}."
            )
        return cls("sqlite", path, f"SQLite file '{Path(path).absolute()}'")

    @classmethod
    def _postgresql(cls, url: str) -> "Address":
        match = _POSTGRESQL.fullmatch(url)
        if not match:  # and what cannot be told apart may be a password: not a word of it
            raise Misconfigured(
                f"FOREBAY_DATABASE__URL cannot be read. Write {_KINDS}, "
                "with %40, %2F, %3A, %3F or %23 for any @ / : ? # in the password."
            )
        database = unquote(match["database"] or "") or "of the user's name"
        host = match["host"] or "its default address"
        return cls("postgresql", url, f"PostgreSQL database '{database}' at {host}")
