"""The sample handbook and its questions agree: every gold answer stands in its source.

Reads the files with plain readers of its own, so that it says nothing about `ingest`.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import docx
import pypdfium2
import pytest

SAMPLE = Path(__file__).parents[2] / "sample"
HANDBOOK = SAMPLE / "handbook"
FILES = sorted(HANDBOOK.iterdir())


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    question: str
    sources: list[str]
    answer: str
    kind: str


def _read_questions() -> list[Question]:
    lines = (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


QUESTIONS = _read_questions()
ANSWERABLE = [question for question in QUESTIONS if question.kind != "unanswerable"]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@cache
def _text(path: Path) -> str:
    """The file's words, one space between two."""
    return " ".join(_raw_text(path).split())


def _raw_text(path: Path) -> str:
    match path.suffix:
        case ".pdf":
            with pypdfium2.PdfDocument(path) as pdf:
                return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
        case ".docx":
            return _docx_text(path)
        case ".html":
            parser = _Words()
            parser.feed(path.read_text(encoding="utf-8"))
            return " ".join(parser.words)
        case _:
            return path.read_text(encoding="utf-8")


def _docx_text(path: Path) -> str:
    document = docx.Document(str(path))
    lines = [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines + cells)


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.id)
def test_every_source_of_a_question_is_in_the_handbook(question: Question) -> None:
    assert question.sources
    assert all((HANDBOOK / source).is_file() for source in question.sources)


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.id)
def test_the_answer_stands_word_for_word_in_its_source(question: Question) -> None:
    stands = [question.answer in _text(HANDBOOK / source) for source in question.sources]
    # a question over several documents is answered by the last; elsewhere each source suffices
    assert stands[-1] if question.kind == "multi" else all(stands)


def test_unanswerable_questions_name_no_source_and_no_answer() -> None:
    unanswerable = [question for question in QUESTIONS if question.kind == "unanswerable"]
    assert all(not question.sources and not question.answer for question in unanswerable)


def test_there_are_forty_questions_with_ids_of_their_own() -> None:
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS) == 40


def test_every_kind_of_question_is_asked_often_enough_to_tell_something() -> None:
    kinds = Counter(question.kind for question in QUESTIONS)
    assert kinds.keys() == {"fact", "table", "code", "multi", "unanswerable"}
    assert min(kinds.values()) >= 5
    assert kinds["unanswerable"] >= 8


def test_a_question_over_several_documents_names_them_all() -> None:
    assert all(len(question.sources) > 1 for question in QUESTIONS if question.kind == "multi")


def test_every_format_gives_the_source_of_some_question() -> None:
    asked = {Path(source).suffix for question in QUESTIONS for source in question.sources}
    assert asked == {path.suffix for path in FILES} == {".md", ".html", ".pdf", ".docx", ".csv"}


def test_the_handbook_is_about_thirty_pages_long() -> None:
    assert 9_000 <= sum(len(_text(path).split()) for path in FILES) <= 14_000


def test_the_first_question_is_answered_in_two_adjacent_sentences() -> None:
    sentences = (
        "Backups are kept for 35 days. "
        "Only the duty engineer and the head of operations may restore one"
    )
    assert [path.name for path in FILES if sentences in _text(path)] == ["backups.md"]


@pytest.mark.parametrize(
    "source", sorted((SAMPLE / "source").iterdir()), ids=lambda path: path.stem
)
def test_the_binaries_hold_every_word_of_their_sources(source: Path) -> None:
    (binary,) = HANDBOOK.glob(f"{source.stem}.*")
    words = re.sub(
        r"^(#+|-|\d+\.)\s|\||---", " ", source.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert not Counter(words.split()) - Counter(_text(binary).split())


def test_the_manual_has_an_outline() -> None:
    with pypdfium2.PdfDocument(HANDBOOK / "operations-manual.pdf") as pdf:
        assert "8 Alarms" in [entry.get_title() for entry in pdf.get_toc()]


def test_telephone_numbers_are_of_a_range_reserved_for_fiction() -> None:
    numbers = re.findall(r"\b0\d{4} ?\d{6}\b", " ".join(map(_text, FILES)))
    assert numbers
    assert all(re.fullmatch(r"01632 960\d{3}", number) for number in numbers)


def test_addresses_lead_nowhere() -> None:
    domains = re.findall(r"@([\w.-]+\w)", " ".join(map(_text, FILES)))
    assert domains
    assert all(domain.endswith(".example") for domain in domains)
