"""Which strategy a question gets that names none of its own. The first rule that fits counts:

1. It has words that ask for all documents, and a model to read them: `synthesis`. Where that costs
   more than may be spent unasked, `corpus`, with a note that says what it would cost.
2. It names one of the documents that are found for it, by source or title: `document`, where it
   is short enough.
3. Its conversation has more turns than are shown: `conversation`.
4. Otherwise `corpus`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from answering.find import find
from answering.question import AnswerServices, Question, Strategy
from answering.strategies.corpus import said
from answering.strategies.document import read_whole
from answering.strategies.synthesis import refuse_unasked, scanned
from domain.documents import Chunk
from domain.errors import CostNotAccepted, InvalidInput, NotFound

_LOOKED = 10  # hits whose documents may be meant
_WORDS = 2  # of a title, at least: "Leave" is also a verb


async def chosen(question: Question, services: AnswerServices) -> tuple[Question, str]:
    """The same question with its strategy, and a note where a rule could not be followed."""
    if services.generates and asks_for_all(question.text, question.language):
        return await _all(question, services)
    document, note = await _document(question, services)
    if document:
        return replace(question, strategy="document", document=document), note
    turns = len(await said(question, services))
    rule: Strategy = "conversation" if turns > services.config.history_turns else "corpus"
    return replace(question, strategy=rule), note


def asks_for_all(text: str, language: str = "") -> bool:
    words = _phrases().get(language) or _phrases()["en"]
    flat = " ".join(text.casefold().split())
    return any(re.search(rf"\b{re.escape(phrase)}\b", flat) for phrase in words)


def named(text: str, chunks: Sequence[Chunk]) -> str:
    """The id of the one document whose name or title stands in the text; empty for none or more."""
    flat = " ".join(text.casefold().split())
    found = {c.document_id for c in chunks if any(_stands(name, flat) for name in _names(c))}
    return found.pop() if len(found) == 1 else ""


async def _all(question: Question, services: AnswerServices) -> tuple[Question, str]:
    wanted = replace(question, strategy="synthesis")
    try:
        refuse_unasked(wanted, services, await scanned(wanted, services))
    except (CostNotAccepted, InvalidInput) as error:
        return replace(question, strategy="corpus"), f"Not all documents were read: {error}"
    return wanted, ""


async def _document(question: Question, services: AnswerServices) -> tuple[str, str]:
    looked = replace(question, limit=_LOOKED)
    found = await find(looked, replace(services, reranker=None))
    document = named(question.text, [hit.chunk for hit in found.hits])
    if not document:
        return "", ""
    try:
        await read_whole(replace(question, document=document), services)
    except (InvalidInput, NotFound) as error:
        return "", f"The document was not read whole: {error}"
    return document, ""


def _names(chunk: Chunk) -> list[str]:
    file = PurePosixPath(chunk.source).name
    title = chunk.title if len(chunk.title.split()) >= _WORDS else ""
    return [name.casefold() for name in (chunk.source, file, title) if name]


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


@cache
def _phrases() -> Mapping[str, list[str]]:
    text = files("answering.strategies").joinpath("auto.toml").read_text("utf-8")
    return {language: words["all"] for language, words in tomllib.loads(text).items()}
