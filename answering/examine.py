"""Asks the chat model for an evaluation: questions about a passage, and verdicts on answers.

An answer that cannot be read is no verdict (None) and no question: it is
left to the caller how many of those are too many. Measures nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from domain.completion import Account, ChatRequest, Usage
from domain.ports import ChatModel
from domain.prompt import Prompt
from prompts import examination

Verdict = Literal["right", "partly", "wrong"]

QUESTIONS = examination.QUESTIONS  # the version of the prompt that writes them
OUTPUT_TOKENS = 2_000  # models think before they answer
_FENCED = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)


class Draft(BaseModel):
    """A question as the model wrote it: unchecked."""

    question: str
    quote: str
    answer: str = ""


class _Drafts(BaseModel):
    questions: list[Draft] = Field(default_factory=list)


class _Quote(BaseModel):
    quote: str


class _Verdict(BaseModel):
    verdict: Verdict


_SUPPORT = TypeAdapter(dict[str, Literal["yes", "no"]])


@dataclass(frozen=True, slots=True)
class Examiner:
    """Who is asked, and on whose account."""

    chat: ChatModel
    tenant: str

    async def write_questions(self, where: str, text: str, number: int) -> Sequence[Draft]:
        said = await self._said(examination.write_questions(where, text, number))
        try:
            return _Drafts.model_validate_json(said).questions[:number]
        except ValidationError:
            return ()

    async def find_answer(self, question: str, where: str, text: str) -> str:
        """The words of the passage that answer; empty when none do."""
        said = await self._said(examination.find_answer(question, where, text))
        try:
            return _Quote.model_validate_json(said).quote
        except ValidationError:
            return ""

    async def judge_support(
        self, question: str, statements: Sequence[tuple[str, str]]
    ) -> list[bool | None]:
        """Of each statement: whether the words that it cites say it."""
        if not statements:
            return []
        said = await self._said(examination.judge_support(question, statements))
        try:
            found = _SUPPORT.validate_json(said)
        except ValidationError:
            return [None] * len(statements)
        verdicts = (found.get(str(number + 1)) for number in range(len(statements)))
        return [None if verdict is None else verdict == "yes" for verdict in verdicts]

    async def judge_answer(
        self, question: str, right: Sequence[str], answer: str
    ) -> Verdict | None:
        said = await self._said(examination.judge_answer(question, right, answer))
        try:
            return _Verdict.model_validate_json(said).verdict
        except ValidationError:
            return None

    async def _said(self, prompt: Prompt) -> str:
        whose = Account(self.tenant, endpoint="eval")
        completion = await self.chat.complete(ChatRequest(prompt, OUTPUT_TOKENS, account=whose))
        fenced = _FENCED.fullmatch(completion.text.strip())
        return fenced[1] if fenced else completion.text


def likely_usage(prompt_tokens: int, answers: int) -> Usage:
    """For an estimate: a tenth of what may be written usually is."""
    return Usage(input=prompt_tokens, output=answers * OUTPUT_TOKENS // 10)
