"""The page at `/`: files that were built from `web/`, read once. Knows nothing of what is in them.

Its policy lets it run its own scripts and ask its own origin, and nothing else.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response
from starlette.exceptions import HTTPException

router = APIRouter(include_in_schema=False)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
_FOR_GOOD = "public, max-age=31536000, immutable"  # their names change with their content


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    packed: bytes
    media_type: str
    tag: str


@router.get("/")
async def page(
    if_none_match: Annotated[str, Header()] = "", accept_encoding: Annotated[str, Header()] = ""
) -> Response:
    return _answer(_file("index.html"), "no-cache", if_none_match, accept_encoding)


@router.get("/assets/{name}")
async def asset(
    name: str,
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    if name not in _assets():
        raise HTTPException(404, "Not Found")
    return _answer(_file(f"assets/{name}"), _FOR_GOOD, if_none_match, accept_encoding)


def _answer(file: _File, lasts: str, known: str, takes: str) -> Response:
    headers = {**_HEADERS, "Cache-Control": lasts, "ETag": file.tag}
    if known == file.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in takes:
        headers["Content-Encoding"] = "gzip"
        return Response(file.packed, media_type=file.media_type, headers=headers)
    return Response(file.data, media_type=file.media_type, headers=headers)


@cache
def _assets() -> frozenset[str]:
    """What may be asked for: no name leads out of it."""
    return frozenset(file.name for file in files("api").joinpath("site", "assets").iterdir())


@cache
def _file(name: str) -> _File:
    data = files("api").joinpath("site", name).read_bytes()
    tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    kind = guess_type(name)[0] or "application/octet-stream"
    return _File(data, gzip.compress(data, mtime=0), kind, tag)
