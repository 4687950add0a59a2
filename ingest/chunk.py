"""A document → chunks along its structure: chunk.text == document.text[start:end].

What is embedded of a chunk (its heading path, the header of a table that it goes on with, its
text) keeps within the limit; a block that fits is never cut. Knows nothing of formats.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.documents import Block, Chunk, Document, Link
from domain.errors import InvalidInput
from domain.ids import chunk_id
from domain.ports import TokenCounter
from ingest.cut import borders, cut, size_within
from ingest.pack import Atom, Path, Space, shared_path, units

_SEAM = 8  # tokens by which a whole may differ from the sum of its parts
_SHORT = 6  # characters a token: a text of no more than this may well fit as a whole


@dataclass(frozen=True, slots=True)
class ChunkConfig:
    max_tokens: int = 320  # of what is embedded of a chunk
    overlap: int = 0  # tokens at most that a chunk repeats of the one before, in one section

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.max_tokens / 2:
            raise InvalidInput(
                f"An overlap of {self.overlap} tokens does not go with chunks of "
                f"{self.max_tokens}: it must be less than half of them, and not below 0.",
                field="overlap",
            )

    @property
    def version(self) -> str:
        return f"chunk/2+{self.max_tokens}+{self.overlap}"


def chunk(document: Document, config: ChunkConfig, tokens: TokenCounter) -> list[Chunk]:
    return _Chunker(document, config, tokens).chunks() if document.blocks else []


class _Limits:
    """What may stand in a chunk beside its path and its table's header."""

    def __init__(self, document: Document, limit: int, tokens: TokenCounter) -> None:
        self._text = document.text
        self._limit = limit
        self._tokens = tokens
        self._blank = Chunk("", "", "", 0, document.source, document.title, "", 0, 0)
        self._paths: dict[Path, int] = {}
        self._headers: dict[int, tuple[str, int]] = {}

    def path(self, path: Path) -> int:
        """Tokens of the heading path, as it is embedded, with its line's end."""
        if path not in self._paths:
            where = replace(self._blank, headings=path).embedded_text
            self._paths[path] = self._tokens.count(where) + 2 if where else 0
        return self._paths[path]

    def room(self, path: Path) -> int:
        """A path longer than half the limit does not take more than that."""
        return max(self._limit // 2, self._limit - self.path(path))

    def header(self, atom: Atom) -> int:
        return self.header_at(atom.block, atom.start, atom.size)[1]

    def header_at(self, block: Block, start: int, size: int) -> tuple[str, int]:
        """The first line of a table in the midst of which a chunk of this size would begin, and
        its tokens; nothing where it would take the room of the rows.
        """
        if not block.headed or start == block.start:
            return "", 0
        if block.start not in self._headers:
            self._headers[block.start] = self._header(block)
        line, tokens = self._headers[block.start]
        return (line, tokens) if size + tokens <= self.room(block.headings) else ("", 0)

    def fits(self, chunk: Chunk) -> bool:
        limit = self._limit
        if chunk.tokens > limit + _SEAM:
            return False
        path = self.path(chunk.headings)
        header = self._tokens.count(chunk.table_header) if chunk.table_header else 0
        if path + header + chunk.tokens + _SEAM <= limit:
            return True
        if self._tokens.count(chunk.embedded_text) <= limit:
            return True
        rest = replace(chunk, title="", headings=()).embedded_text
        return path > limit - limit // 2 and self._tokens.count(rest) <= limit // 2

    def _header(self, block: Block) -> tuple[str, int]:
        most = self.room(block.headings) // 2
        end = self._text.find("\n", block.start, block.end)
        size = size_within(self._text, block.start, end, most, self._tokens) if end > 0 else None
        return ("", 0) if size is None else (self._text[block.start : end], size + 2)


class _Chunker:
    def __init__(self, document: Document, config: ChunkConfig, tokens: TokenCounter) -> None:
        self._document = document
        self._text = document.text
        self._config = config
        self._tokens = tokens
        self._limits = _Limits(document, config.max_tokens, tokens)
        self._links = sorted(document.links, key=lambda link: link.start)
        self._link_starts = [link.start for link in self._links]
        self._done: list[Chunk] = []
        self._before: Sequence[Atom] = ()  # of the last one that is done

    def chunks(self) -> list[Chunk]:
        if not self._is_one():
            atoms = list(self._atoms())
            space = Space(self._limits.room, self._limits.header, self._config.overlap)
            for first, last in units(atoms, space):
                self._add(atoms[first:last])
        return self._done

    def _is_one(self) -> bool:
        """Most documents are short: their tokens are counted once."""
        blocks = self._document.blocks
        length = blocks[-1].end - blocks[0].start
        if len(blocks) == 1 or length > self._config.max_tokens * _SHORT:
            return False
        made = self._chunk([Atom(block, block.start, block.end, 0) for block in blocks])
        if self._limits.fits(made):
            self._done.append(made)
        return bool(self._done)

    def _atoms(self) -> Iterator[Atom]:
        for block in self._document.blocks:
            room = self._limits.room(block.headings)
            for start, end, size in cut(block, self._text, room, self._tokens):
                yield Atom(block, start, end, size)

    def _add(self, atoms: Sequence[Atom]) -> None:
        """Sizes were added up; where the text as a whole needs more tokens, it is halved."""
        made = self._chunk(atoms)
        if not self._limits.fits(made):
            parts = self._parts(atoms)
            if len(parts) > 1:
                for part in parts:
                    self._add(part)
                return
        self._done.append(self._reaching_back(made, atoms) if self._config.overlap else made)
        self._before = atoms

    def _parts(self, atoms: Sequence[Atom]) -> list[Sequence[Atom]]:
        if len(atoms) > 1:
            middle = len(atoms) // 2
            leads = (i for i in range(middle, len(atoms)) if not atoms[i - 1].leads)
            middle = next(leads, middle)
            return [atoms[:middle], atoms[middle:]]
        (atom,) = atoms
        piece = replace(atom.block, start=atom.start, end=atom.end)
        smaller = cut(piece, self._text, max(1, atom.size * 3 // 4), self._tokens)
        return [[Atom(atom.block, start, end, size)] for start, end, size in smaller]

    def _reaching_back(self, made: Chunk, atoms: Sequence[Atom]) -> Chunk:
        """It begins with the last sentences or lines of the chunk before, in one section."""
        longest = made
        for start, atom in self._earlier(atoms[0]):
            repeated = self._text[start : self._done[-1].end]
            if self._tokens.count(repeated) > self._config.overlap:
                break
            tried = self._chunk(atoms, start, atom)
            if not self._limits.fits(tried):
                break
            longest = tried
        return longest

    def _earlier(self, first: Atom) -> Iterator[tuple[int, Atom]]:
        """Where the chunk before could be taken up again, the nearest first."""
        for atom in reversed(self._before):
            if first.is_heading or atom.is_heading or atom.path != first.path:
                return
            starts = [atom.start, *borders(atom.block, self._text, atom.start, atom.end)]
            yield from ((at, atom) for at in reversed(starts) if at > self._before[0].start)

    def _chunk(
        self, atoms: Sequence[Atom], start: int | None = None, begins_in: Atom | None = None
    ) -> Chunk:
        document, first, end = self._document, begins_in or atoms[0], atoms[-1].end
        start = atoms[0].start if start is None else start
        text = self._text[start:end]
        counted = atoms[0].size if len(atoms) == 1 and begins_in is None else 0
        return Chunk(
            id=chunk_id(document.id, document.version, len(self._done)),
            document_id=document.id,
            version=document.version,
            position=len(self._done),
            source=document.source,
            title=document.title,
            text=text,
            start=start,
            end=end,
            headings=shared_path(atoms),
            page=first.block.page,
            tokens=counted or self._tokens.count(text),
            gap=self._text[self._done[-1].end if self._done else 0 : start],
            table_header=self._limits.header_at(first.block, start, atoms[0].size)[0],
            language=document.language,
            links=self._links_in(start, end),
            metadata=document.metadata,
        )

    def _links_in(self, start: int, end: int) -> tuple[Link, ...]:
        first, last = (bisect_left(self._link_starts, at) for at in (start, end))
        return tuple(self._links[first:last])
