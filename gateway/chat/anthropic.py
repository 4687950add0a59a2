"""Answers from Anthropic's Messages API."""

from collections.abc import AsyncGenerator

from anthropic import AsyncAnthropic

from domain.completion import ChatRequest, Completion, Delta
from domain.errors import ModelUnreachable
from domain.prompt import Carry
from gateway.anthropic_client import translated
from gateway.capabilities import Fitted, capabilities, fitted
from gateway.chat.anthropic_answer import Answer
from gateway.chat.anthropic_request import PROVIDER, asked, kept


class AnthropicMessages:
    """Implements domain.ports.ChatModel."""

    def __init__(self, client: AsyncAnthropic, model: str) -> None:
        self._client = client
        self._has = capabilities(PROVIDER, model)
        self.name = model

    async def complete(self, request: ChatRequest) -> Completion:
        fit = fitted(request, self._has)
        arguments, notes = asked(fit, self._has)
        with translated(self.name):
            message = await self._client.messages.create(**arguments)
            answer = Answer.of(message)
            return self._completion(answer, fit, notes, message._request_id)  # noqa: SLF001 - public

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        fit = fitted(request, self._has)
        arguments, notes = asked(fit, self._has)
        answer = Answer()
        with translated(self.name):
            events = await self._client.messages.create(**arguments, stream=True)
            async with events:
                async for event in events:  # to its end, so that the connection is kept
                    delta = answer.take(event)
                    if delta and (delta.kind == "text" or fit.request.summary):
                        yield delta
            request_id = events.response.headers.get("request-id")
            completion = self._completion(answer, fit, notes, request_id)
        yield completion

    async def check(self) -> None:
        with translated(self.name):
            await self._client.models.retrieve(self.name)

    def _completion(
        self, answer: Answer, fit: Fitted, notes: tuple[str, ...], request_id: str | None
    ) -> Completion:
        if answer.finish is None:
            raise ModelUnreachable(f"{self.name} ended its stream without finishing the answer.")
        calls, usage = answer.calls, answer.usage
        return Completion(
            text=answer.text,
            finish=answer.finish,
            model=self.name,
            usage=usage,
            request_id=request_id or answer.id,
            calls=calls,
            summary=answer.summary if fit.request.summary else "",
            carry=Carry(PROVIDER, kept(self.name, answer.content)) if calls else None,
            provider=PROVIDER,
            notes=(*fit.notes, *notes, *answer.notes),
        )
