"""A source → its text in blocks. Picks the reader; each is imported when it is first needed.

Runs in the worker process: what a reader raises here cannot hurt the run.
"""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import PurePosixPath

from domain.errors import ParseFailed
from ingest.draft import Draft, Parsed
from ingest.source import RECORD, Source

Reader = Callable[[bytes], Draft]

_MEDIA_TYPES = {
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    RECORD: "application/json",
}
# Raised by one when a reader's output changes: what it read is then read anew, and nothing else.
_REVISIONS = {"md": 1, "csv": 1, "html": 1, "pdf": 1, "docx": 1, "pptx": 1, "xlsx": 1, RECORD: 1}
_TEXT_REVISION = 1
_LIBRARIES = {"md": "markdown-it-py", "pdf": "pypdfium2"} | dict.fromkeys(
    ("html", "docx", "pptx", "xlsx"), "unstructured"
)


def reader_version(kind: str) -> str:
    """Names the code that reads this kind."""
    library = _LIBRARIES.get(kind)
    own = f"{kind if kind in _REVISIONS else 'text'}/{_REVISIONS.get(kind, _TEXT_REVISION)}"
    return f"{own}+{library}/{version(library)}" if library else own


def reader_versions() -> list[str]:
    """Of all kinds."""
    return [reader_version(kind) for kind in (*_REVISIONS, "txt")]


def parse(source: Source) -> Parsed:
    if not source.data.strip():
        raise ParseFailed("It is empty.")
    draft = _reader(source.kind)(source.data)
    name = PurePosixPath(source.name)
    parsed = draft.parsed(
        title="" if source.is_record else name.stem,  # an id says nothing to a reader
        media_type=_MEDIA_TYPES.get(source.kind, "text/plain"),
    )
    if not parsed.blocks:
        raise ParseFailed("It has no text.")
    return parsed


def _reader(kind: str) -> Reader:
    match kind:
        case "md":
            from ingest.readers.markdown import read_markdown as reader
        case "csv":
            from ingest.readers.table import read_csv as reader
        case "html":
            from ingest.readers.web import read_html as reader
        case "pdf":
            from ingest.readers.pdf import read_pdf as reader
        case "docx":
            from ingest.readers.office import read_docx as reader
        case "pptx":
            from ingest.readers.office import read_pptx as reader
        case "xlsx":
            from ingest.readers.office import read_xlsx as reader
        case "record":
            from ingest.corpus import read_record as reader
        case "ole":
            raise ParseFailed(
                "It is an encrypted or an old binary Office file (.doc, .xls, .ppt, .msg). "
                "Save it without a password as .docx, .xlsx, .pptx or .pdf."
            )
        case _:
            from ingest.readers.plain import reader_of

            return reader_of(kind)
    return reader
