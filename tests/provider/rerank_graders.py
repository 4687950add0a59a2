"""A chat model that grades passages by the words they share with the question, or as told.

It reads them from the prompt, as a model does, and remembers what it was asked.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, Iterable

from domain.completion import ChatRequest, Completion, Delta, FinishReason, Usage
from domain.errors import ForebayError
from tests.provider.rerank import relevance

COST = 7  # micro-dollars a call

_PASSAGE = re.compile(r'<passage number="(\d+)">\n(.*?)\n</passage>', re.DOTALL)


class Grader:
    """Implements domain.ports.ChatModel."""

    name = "grader"

    def __init__(
        self, says: Iterable[str | ForebayError] = (), finish: FinishReason = "stop"
    ) -> None:
        self.says = deque(says)  # instead of grades
        self.finish: FinishReason = finish
        self.asked: list[ChatRequest] = []
        self.cancelled = 0
        self.wait = 0.0

    async def complete(self, request: ChatRequest) -> Completion:
        self.asked.append(request)
        try:
            await asyncio.sleep(self.wait)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        said = self.says.popleft() if self.says else _graded(request)
        if isinstance(said, ForebayError):
            raise said
        return Completion(said, self.finish, self.name, Usage(), COST)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        completion = await self.complete(request)
        yield Delta(completion.text)
        yield completion

    async def check(self) -> None:
        return


def _graded(request: ChatRequest) -> str:
    shown = request.prompt.tail[0].text
    question = shown.partition("\n")[0].removeprefix("Question: ")
    grades = {
        number: round(10 * relevance(question, text)) for number, text in _PASSAGE.findall(shown)
    }
    return json.dumps(grades)
