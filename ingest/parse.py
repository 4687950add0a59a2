"""A source → its text in blocks. Picks the reader; each is imported when it is first needed.

Runs in the worker process: what a reader raises here cannot hurt the run. A record of a corpus
is so plain that it may be parsed anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath

from domain.errors import ParseFailed
from ingest.draft import Draft, Parsed
from ingest.kinds import refuse
from ingest.source import RECORD, Source
from ingest.tongue import language_of

Reader = Callable[[bytes], Draft]


@dataclass(frozen=True, slots=True)
class Format:
    """What reads a kind of source, and what its output depends on."""

    reader: str  # module:function
    media_type: str
    revision: int = 1  # raised when the output changes: what it read is then read anew
    libraries: tuple[str, ...] = ()


_OOXML = "application/vnd.openxmlformats-officedocument"
_GRAMMARS = {
    "c": "tree-sitter-c",
    "cpp": "tree-sitter-cpp",
    "csharp": "tree-sitter-c-sharp",
    "go": "tree-sitter-go",
    "java": "tree-sitter-java",
    "javascript": "tree-sitter-javascript",
    "php": "tree-sitter-php",
    "python": "tree-sitter-python",
    "ruby": "tree-sitter-ruby",
    "rust": "tree-sitter-rust",
    "tsx": "tree-sitter-typescript",
    "typescript": "tree-sitter-typescript",
}
_TEXT = Format("ingest.readers.plain:read_text", "text/plain", 2)
FORMATS = {
    "txt": _TEXT,
    "md": Format("ingest.readers.markdown:read_markdown", "text/markdown", 2, ("markdown-it-py",)),
    "csv": Format("ingest.readers.table:read_csv", "text/csv", 2),
    "html": Format("ingest.readers.web:read_html", "text/html", 3, ("lxml",)),
    "pdf": Format("ingest.readers.pdf:read_pdf", "application/pdf", 4, ("pypdfium2",)),
    "docx": Format(
        "ingest.readers.word:read_docx", f"{_OOXML}.wordprocessingml.document", 4, ("lxml",)
    ),
    "pptx": Format(
        "ingest.readers.office:read_pptx",
        f"{_OOXML}.presentationml.presentation",
        4,
        ("unstructured",),
    ),
    "xlsx": Format(
        "ingest.readers.office:read_xlsx", f"{_OOXML}.spreadsheetml.sheet", 4, ("unstructured",)
    ),
    "eml": Format("ingest.readers.mail:read_eml", "message/rfc822"),
    "msg": Format("ingest.readers.msg:read_msg", "application/vnd.ms-outlook", 1, ("olefile",)),
    "epub": Format("ingest.readers.epub:read_epub", "application/epub+zip"),
    "odt": Format(
        "ingest.readers.opendocument:read_odt", "application/vnd.oasis.opendocument.text"
    ),
    "rtf": Format("ingest.readers.rtf:read_rtf", "application/rtf"),
    "rst": Format("ingest.readers.restructured:read_rst", "text/x-rst", 1, ("docutils",)),
    "xml": Format("ingest.readers.xml:read_xml", "application/xml", 1, ("lxml",)),
    "json": Format("ingest.readers.jsons:read_json", "application/json"),
    "jsonl": Format("ingest.readers.jsons:read_jsonl", "application/x-ndjson"),
    "ipynb": Format(
        "ingest.readers.notebook:read_notebook", "application/x-ipynb+json", 1, ("markdown-it-py",)
    ),
    **{
        kind: Format(
            f"ingest.readers.code:read_{kind}",
            "text/x-python" if kind == "python" else "text/x-source",
            2 if kind == "python" else 1,
            ("tree-sitter", package),
        )
        for kind, package in _GRAMMARS.items()
    },
    "code": Format("ingest.readers.code:read_code", "text/x-source"),
    RECORD: Format("ingest.corpus:read_record", "application/json", 2),
}
_PROSE = 60  # blocks that tell the language


@cache
def reader_version(kind: str) -> str:
    """Names the code that reads this kind."""
    from importlib.metadata import version  # which a worker never needs

    known = kind if kind in FORMATS else "txt"
    form = FORMATS[known]
    libraries = "".join(f"+{name}/{version(name)}" for name in form.libraries)
    return f"{known}/{form.revision}{libraries}"


def reader_versions() -> list[str]:
    """Of all kinds."""
    return [reader_version(kind) for kind in FORMATS]


def parse(source: Source) -> Parsed:
    if not source.data.strip():
        raise ParseFailed("It is empty.", kind="empty")
    refuse(source.kind, source.data)
    form = FORMATS.get(source.kind, _TEXT)
    name = PurePosixPath(source.name)
    parsed = _draft(form, source.data).parsed(
        title="" if source.is_record else name.stem,  # an id says nothing to a reader
        media_type=form.media_type,
    )
    if not parsed.blocks:
        raise ParseFailed("It has no text.", kind="no_text")
    return replace(parsed, language=_language(parsed))


def _draft(form: Format, data: bytes) -> Draft:
    try:
        return _reader(form.reader)(data)
    except RecursionError as error:
        raise ParseFailed("Its parts are nested too deeply.", kind="too_deep") from error


@cache
def _reader(name: str) -> Reader:
    module, function = name.split(":")
    reader: Reader = getattr(import_module(module), function)
    return reader


def _language(parsed: Parsed) -> str:
    """Of its prose; what the document says of itself, where that is not enough to tell."""
    prose = [block for block in parsed.blocks if block.kind != "code"]
    some = prose[:: len(prose) // _PROSE + 1]
    text = "\n".join(parsed.text[block.start : block.end] for block in some)
    return language_of(text) or parsed.language[:2].lower()
