"""A repository: its map before the boundary, whole files behind it."""

from dataclasses import replace

import pytest

from answering.question import AnswerConfig, ContextConfig
from answering.strategies.outline import drawn, outlined
from answering.strategies.repository import ranked
from domain.errors import NotFound
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
    return drawn(outlined([chunk]), counter(), 1_000)


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


def test_where_no_line_defines_anything_headings_stand_in() -> None:
    assert outline("a.md", "Some text.", headings=("Leave", "Sick pay")) == "a.md: Leave(Sick pay)"


def test_a_map_that_is_too_long_names_files_alone_and_then_counts_them() -> None:
    files = outlined([a_chunk(source=f"file-{n}.py", text=PYTHON) for n in range(100)])
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
