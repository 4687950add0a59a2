"""The map of a repository: its files, and the symbols or headings in each, within a token budget.

Whoever knows a file's language by its grammar is asked first. Else symbols are what a line defines
by its first words; what ingestion took for headings comes in where lines say nothing.
"""

import re
import tomllib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.documents import Chunk
from domain.ports import TokenCounter

Symbols = Sequence[tuple[str, tuple[str, ...]]]  # each with those inside it
SymbolsOf = Callable[[str, str], Symbols | None]  # of a file's name and text; None: not known

_NAMED = 60  # symbols of a file, of which the rest is counted
_KEPT = 20_000  # files whose symbols are remembered


@dataclass(frozen=True, slots=True)
class File:
    source: str
    symbols: Symbols


class Outlines:
    """One for all questions of a process: what a version of a file defines is found once."""

    def __init__(self, symbols: SymbolsOf = lambda _source, _text: None) -> None:
        self._symbols = symbols
        self._kept: OrderedDict[tuple[str, str, int], Symbols] = OrderedDict()

    def of(self, chunks: Sequence[Chunk]) -> list[File]:
        """In the order of their names."""
        by_source: dict[str, list[Chunk]] = {}
        for chunk in sorted(chunks, key=lambda one: (one.source, one.position)):
            by_source.setdefault(chunk.source, []).append(chunk)
        return [File(source, self._known(own)) for source, own in by_source.items()]

    def _known(self, own: Sequence[Chunk]) -> Symbols:
        """A filter may leave some chunks of a file only."""
        name = own[0].document_id, own[0].version, len(own)
        found = self._kept.get(name)
        if found is None:
            found = self._symbols(own[0].source, _text(own))
            self._kept[name] = found = _by_lines(own) if found is None else found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


def drawn(of: Sequence[File], tokens: TokenCounter, budget: int) -> str:
    """As much of it as fits: with what is inside symbols, without, or files alone."""
    for line in (_whole, _outer, _file):
        text = "\n".join(map(line, of))
        if tokens.count(text) <= budget:
            return text
    kept = text[: 2 * budget].rpartition("\n")[0]  # a path has more than two signs a token
    left = len(of) - kept.count("\n") - 1
    return f"{kept}\n… and {left:,} more files"


def _text(chunks: Sequence[Chunk]) -> str:
    """Of the whole file: chunks may overlap."""
    parts, end = [], 0
    for chunk in chunks:
        parts += [chunk.gap, chunk.text[max(0, end - chunk.start) :]]
        end = chunk.end
    return "".join(parts)


def _by_lines(chunks: Sequence[Chunk]) -> Symbols:
    found: dict[str, dict[str, None]] = {}
    outer = ""
    for indented, name in _defined(chunks):
        if not indented:
            outer = name
            found.setdefault(outer, {})
        elif outer and name != outer:
            found[outer].setdefault(name)
    if not found:
        for path in (chunk.headings for chunk in chunks if chunk.headings):
            found.setdefault(path[0], {}).update(dict.fromkeys(path[1:2]))
    return tuple((name, tuple(inside)) for name, inside in found.items())


def _defined(chunks: Sequence[Chunk]) -> Iterator[tuple[bool, str]]:
    for chunk in chunks:
        for match in _definition().finditer(chunk.text):
            yield bool(match[1]), match[2]


def _whole(file: File) -> str:
    said = (f"{name}({', '.join(inside)})" if inside else name for name, inside in file.symbols)
    return _listed(file.source, list(said))


def _outer(file: File) -> str:
    return _listed(file.source, [name for name, _ in file.symbols])


def _file(file: File) -> str:
    return file.source


def _listed(source: str, names: Sequence[str]) -> str:
    more = f", … {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{source}: {', '.join(names[:_NAMED])}{more}" if names else source


@cache
def _definition() -> re.Pattern[str]:
    modifiers, kinds = ("|".join(_words()[name].split()) for name in ("modifiers", "kinds"))
    name = r"[A-Za-z_$][\w$]*"
    return re.compile(
        rf"^([ \t]*)(?:(?:{modifiers})(?:\([^)]*\))?[ \t]+)*(?:{kinds})\*?[ \t]+"
        rf"(?:\([^)]*\)[ \t]*)?({name})(?=[\s(<:{{;\[=,]|$)",
        re.MULTILINE,
    )


@cache
def _words() -> Mapping[str, str]:
    text = files("answering").joinpath("symbols.toml").read_text("utf-8")
    return tomllib.loads(text)
