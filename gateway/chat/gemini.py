"""Answers from Gemini's generateContent."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from google.genai.client import AsyncClient

from domain.completion import ChatRequest, Completion, Delta
from domain.prompt import Carry
from gateway.capabilities import Fitted, capabilities, fitted
from gateway.chat.gemini_answer import Answer
from gateway.chat.gemini_request import PROVIDER, asked, kept
from gateway.gemini_client import stream_of, translated


class GeminiGenerate:
    """Implements domain.ports.ChatModel."""

    def __init__(self, client: AsyncClient, model: str) -> None:
        self._client = client
        self._has = capabilities(PROVIDER, model)
        self.name = model

    async def complete(self, request: ChatRequest) -> Completion:
        fit = fitted(request, self._has)
        contents, config = asked(fit, self._has)
        answer = Answer(self.name)
        with translated(self.name):
            answer.take(
                await self._client.models.generate_content(
                    model=self.name, contents=contents, config=config
                )
            )
        return self._completion(answer, fit)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        fit = fitted(request, self._has)
        contents, config = asked(fit, self._has)
        answer = Answer(self.name)
        with translated(self.name):
            said = stream_of(self._client, self.name, contents, config)
            async with aclosing(said) as chunks:
                async for chunk in chunks:  # to its end, so that the connection is kept
                    for delta in answer.take(chunk):
                        if delta.kind == "text" or fit.request.summary:
                            yield delta
        yield self._completion(answer, fit)

    async def check(self) -> None:
        with translated(self.name):
            await self._client.models.get(model=self.name)

    def _completion(self, answer: Answer, fit: Fitted) -> Completion:
        finish, usage, calls = answer.finish(), answer.usage, answer.calls
        return Completion(
            text=answer.text,
            finish=finish,
            model=self.name,
            usage=usage,
            request_id=answer.id,
            calls=calls,
            summary=answer.summary if fit.request.summary else "",
            carry=Carry(PROVIDER, kept(self.name, answer.parts)) if calls else None,
            provider=PROVIDER,
            notes=(*fit.notes, *answer.notes),
        )
