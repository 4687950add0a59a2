"""What source code defines, by the grammar of its language: units of lines with names, nested.

Grammars are tree-sitter's; which of their nodes define something stands in `language/syntax`, a
query for each language. Text with errors in it is parsed as far as it goes. Makes no blocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from ingest.kinds import kind_by_name

# Module and function of each grammar, and whose query it shares.
_GRAMMARS = {
    "python": ("tree_sitter_python", "language", "python"),
    "javascript": ("tree_sitter_javascript", "language", "javascript"),
    "typescript": ("tree_sitter_typescript", "language_typescript", "typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx", "typescript"),
    "go": ("tree_sitter_go", "language", "go"),
    "java": ("tree_sitter_java", "language", "java"),
    "rust": ("tree_sitter_rust", "language", "rust"),
    "c": ("tree_sitter_c", "language", "c"),
    "cpp": ("tree_sitter_cpp", "language", "cpp"),
    "ruby": ("tree_sitter_ruby", "language", "ruby"),
    "csharp": ("tree_sitter_c_sharp", "language", "csharp"),
    "php": ("tree_sitter_php", "language_php", "php"),
}
_QUERIES = Path(__file__).parent.parent / "language" / "syntax"
# What begins a definition and stands around its node.
_AROUND = frozenset({"decorated_definition", "export_statement", "template_declaration"})
_DEEPEST = 4
_LONGEST = 20_000  # letters of a line: nobody wrote a longer one


@dataclass(slots=True)
class Unit:
    """Lines [start:end] with a name; what it holds lies inside, in order."""

    name: str
    start: int
    end: int
    inner: list["Unit"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    name: str
    start: int
    end: int
    holds: bool


def units(language: str, text: str) -> list[Unit]:
    """Of a language that is a kind of source. What was packed by a program has none."""
    if max(map(len, text.split("\n"))) > _LONGEST:
        return []
    parser, query = _of(language)
    tree = parser.parse(text.encode())
    found = [_found(nodes) for _, nodes in QueryCursor(query).matches(tree.root_node)]
    return _nested(sorted(found, key=lambda one: (one.start, -one.end)))


def symbols(source: str, text: str) -> Sequence[tuple[str, tuple[str, ...]]] | None:
    """What a file defines, each with what is defined inside; None where nothing knows its
    language.
    """
    language = kind_by_name(PurePosixPath(source).name)
    if language not in _GRAMMARS:
        return None
    return [(unit.name, tuple(_names(unit))) for unit in units(language, text)]


@cache
def _of(language: str) -> tuple[Parser, Query]:
    module, function, query = _GRAMMARS[language]
    grammar = Language(getattr(import_module(module), function)())
    return Parser(grammar), Query(grammar, (_QUERIES / f"{query}.scm").read_text("utf-8"))


def _found(nodes: dict[str, list[Node]]) -> _Found:
    (node,) = nodes.get("holds") or nodes["runs"]
    while node.parent and node.parent.type in _AROUND:
        node = node.parent
    end = node.end_point.row + (node.end_point.column > 0)
    name = ".".join(_text(one) for one in (*nodes.get("of", ()), *nodes["name"]))
    return _Found(name, node.start_point.row, max(end, node.start_point.row + 1), "holds" in nodes)


def _text(node: Node) -> str:
    """Without its parameters of type."""
    said = (node.text or b"").decode(errors="replace").partition("<")[0]
    return " ".join(said.split())


def _nested(found: Sequence[_Found]) -> list[Unit]:
    """Two on one line are one, and what stands in a body belongs to it."""
    top: list[Unit] = []
    open_: list[tuple[_Found, Unit]] = []
    for one in found:
        while open_ and open_[-1][0].end <= one.start:
            open_.pop()
        inside = open_[-1] if open_ else None
        siblings = inside[1].inner if inside else top
        fits = not inside or (
            inside[0].holds and inside[0].start < one.start and one.end <= inside[0].end
        )
        apart = not siblings or siblings[-1].end <= one.start
        if fits and apart and len(open_) < _DEEPEST:
            unit = Unit(one.name, one.start, one.end)
            siblings.append(unit)
            open_.append((one, unit))
    return top


def _names(unit: Unit) -> Iterator[str]:
    """Of all that is inside, however deep."""
    for inner in unit.inner:
        yield inner.name
        yield from _names(inner)
