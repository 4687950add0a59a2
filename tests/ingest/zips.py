"""Small documents that are zip archives, made of their parts."""

import io
import zipfile
from collections.abc import Mapping

_PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Harbour Book</dc:title></metadata>'
    "<manifest>{items}</manifest><spine>{order}</spine></package>"
)
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)
_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "manifest", "drawing")
)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def epub(*bodies: str, nav: str = "", **more: str) -> bytes:
    """A chapter of each body, in order; `more`: parts by name, with `__` for the slash."""
    pages = {f"c{i}.xhtml": body for i, body in enumerate(bodies)}
    if nav:
        pages["nav.xhtml"] = nav
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml" properties="{stem}"/>'
        for name, stem in [(name, name[:-6]) for name in reversed(pages)]
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in pages)
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": _CONTAINER,
            "OPS/book.opf": _PACKAGE.format(items=items, order=order),
            **{f"OPS/{name}": _page(body) for name, body in pages.items()},
            **{name.replace("__", "/") + ".xml": text for name, text in more.items()},
        }
    )


def odt(text: str, *, manifest: str = "", title: str = "") -> bytes:
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": (
            f'<office:document-content {_NAMES} xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<office:body><office:text>{text}</office:text></office:body>"
            "</office:document-content>"
        ),
        "META-INF/manifest.xml": f"<manifest:manifest {_NAMES}>{manifest}</manifest:manifest>",
    }
    if title:
        parts["meta.xml"] = (
            f"<office:document-meta {_NAMES} "
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
            f"<dc:title>{title}</dc:title></office:meta></office:document-meta>"
        )
    return zipped(parts)


def _page(body: str) -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head>'
        f"{body if body.startswith('<body') else f'<body>{body}</body>'}</html>"
    )
