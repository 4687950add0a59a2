"""A repository: its map before the boundary, whole files behind it."""

from dataclasses import replace

import pytest

from answering.outline import Outlines, Symbols, drawn
from answering.question import AnswerConfig, ContextConfig
from answering.strategies.repository import ranked
from domain.errors import NotFound
from ingest.readers.syntax import symbols
from tests.answering.strategies.place import Place
from tests.provider.tokens import counter
from tests.values import a_chunk, a_hit

PYTHON = """
class Breaker:
    def admit(self) -> bool:
        return True

async def opened() -> None:
    pass
"""
GO = "func (b *Breaker) Admit() bool {\n}\n\ntype State struct {\n}\n"
TYPESCRIPT = "export default async function open() {}\n\nexport interface State {\n}\n"
PROSE = "A class of its own is what every function of the type wants.\n"


def outline(source: str, text: str, **parts: object) -> str:
    chunk = a_chunk(source=source, text=text, **parts)
    return drawn(Outlines(symbols).of([chunk]), counter(), 1_000)


@pytest.fixture
async def code(place: Place) -> Place:
    await place.hold("road/north.py", "def north(): ...\n", "def closed(): ...\n")
    await place.hold("harbour.py", "def harbour(): ...\n")
    return place


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        (PYTHON, "a: Breaker(admit), opened"),
        (GO, "a: Admit, State"),
        (TYPESCRIPT, "a: open, State"),
        (PROSE, "a"),
    ],
    ids=["python", "go", "typescript", "prose"],
)
def test_a_file_is_drawn_with_what_it_defines(text: str, symbols: str) -> None:
    assert outline("a", text) == symbols


@pytest.mark.parametrize(
    ("name", "text", "drawing"),
    [
        ("a.py", PYTHON, "a.py: Breaker(admit), opened"),
        ("a.go", GO, "a.go: Breaker.Admit, State"),
        ("a.ts", TYPESCRIPT, "a.ts: open, State"),
        ("a.py", 'x = """\nclass No: ...\n"""\n', "a.py"),
        ("a.cs", "class Pump\n{\nvoid Start()\n{\n}\n}\n", "a.cs: Pump(Start)"),
    ],
    ids=["python", "go", "typescript", "in a text", "not indented"],
)
def test_a_grammar_that_is_known_draws_better(name: str, text: str, drawing: str) -> None:
    assert outline(name, text) == drawing


def test_a_file_is_parsed_once_for_each_version() -> None:
    asked: list[str] = []

    def noted(source: str, text: str) -> Symbols | None:
        asked.append(text)
        return symbols(source, text)

    outlines = Outlines(noted)
    for version in ("v1", "v1", "v2"):
        outlines.of([a_chunk(source="a.py", version=version, text=PYTHON)])
    assert asked == [PYTHON, PYTHON]


def test_overlapping_chunks_make_one_file() -> None:
    first = a_chunk(source="a.py", text=PYTHON[:60], end=60)
    second = a_chunk(id="2", source="a.py", position=1, text=PYTHON[40:], start=40)
    (file,) = Outlines(symbols).of([first, replace(second, end=len(PYTHON))])
    assert file.symbols == [("Breaker", ("admit",)), ("opened", ())]


def test_where_no_line_defines_anything_headings_stand_in() -> None:
    assert outline("a.md", "Some text.", headings=("Leave", "Sick pay")) == "a.md: Leave(Sick pay)"


def test_a_map_that_is_too_long_names_files_alone_and_then_counts_them() -> None:
    chunks = [a_chunk(source=f"file-{n}", document_id=str(n), text=PYTHON) for n in range(100)]
    files = Outlines().of(chunks)
    assert "Breaker(admit)" in drawn(files, counter(), 10_000)
    assert "Breaker" not in drawn(files, counter(), 700)
    assert drawn(files, counter(), 100).endswith("more files")


def test_a_file_that_is_named_comes_before_those_that_are_found() -> None:
    chunks = [a_chunk(id=name, source=name) for name in ("a.py", "src/b.py", "c.py")]
    hits = [a_hit(source="c.py"), a_hit(source="a.py")]
    files = ranked("What does b.py do?", hits, chunks)
    assert [file[0].source for file in files] == ["src/b.py", "c.py", "a.py"]


async def test_the_map_stands_before_the_boundary_and_files_whole_behind_it(code: Place) -> None:
    answer = await code.ask("Where is north?", strategy="repository")
    assert "harbour.py: harbour\nroad/north.py: north, closed" in code.sent()[-2]
    assert "def closed()" in code.sent()[-1]
    assert answer.strategy == "repository"


async def test_a_passage_of_a_file_is_cited(code: Place) -> None:
    code.provider.say("It is defined there [1].")
    answer = await code.ask("Where is north.py?", strategy="repository")
    assert answer.citations[0].source == answer.shown[0].chunk.source == "road/north.py"


async def test_what_does_not_fit_is_named(code: Place) -> None:
    config = AnswerConfig(context=ContextConfig(tokens=20))
    code.services = replace(code.services, config=config)
    answer = await code.ask("Where is harbour.py?", strategy="repository")
    assert answer.notes == ("Too long to be shown beside the others: road/north.py.",)


async def test_an_empty_repository_is_an_error(place: Place) -> None:
    with pytest.raises(NotFound, match="nothing in the collection"):
        await place.ask(strategy="repository")
