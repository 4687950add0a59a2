"""Answers from the Chat Completions API: OpenAI's, or any server that speaks its format.

Other servers are sent nothing that they may reject: roles system, user and assistant, no
cache key. What they cost is not known and counted as nothing.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import cast

from openai import AsyncOpenAI
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from domain.completion import ChatRequest, Completion, Delta, FinishReason, Usage
from domain.errors import ModelUnreachable
from domain.ports import TokenCounter
from domain.prompt import Message
from gateway.openai_client import translated
from gateway.pricing import cost
from gateway.retry import RetryConfig, retried, retried_stream

_FINISH: dict[str, FinishReason] = {"length": "length", "content_filter": "refusal"}


@dataclass(frozen=True, slots=True)
class ChatCompletionsConfig:
    openai: bool = True  # OpenAI itself: developer role, cache key, prices
    retry: RetryConfig = field(default_factory=RetryConfig)


@dataclass(slots=True)
class _Answer:
    """What a stream has said so far."""

    id: str | None = None
    text: str = ""
    refused: bool = False
    finish: str | None = None
    usage: CompletionUsage | None = None


class OpenAIChat:
    """Implements domain.ports.ChatModel."""

    def __init__(
        self,
        client: AsyncOpenAI,
        model: str,
        tokens: TokenCounter,
        config: ChatCompletionsConfig | None = None,
    ) -> None:
        self._client = client
        self._tokens = tokens  # for servers that do not say what they used
        self._config = config or ChatCompletionsConfig()
        self.name = model
        if self._config.openai:
            cost(model, Usage())  # a model without a price is refused before it is called

    async def complete(self, request: ChatRequest) -> Completion:
        async def call() -> ChatCompletion:
            with translated(self.name):
                return await self._client.chat.completions.create(**self._arguments(request))

        said = await retried(call, self._config.retry)
        if not said.choices:
            raise ModelUnreachable(f"{self.name} answered without a choice.")
        choice = said.choices[0]
        answer = _Answer(
            id=said.id,
            text=choice.message.content or choice.message.refusal or "",
            refused=bool(choice.message.refusal),
            finish=choice.finish_reason,
            usage=said.usage,
        )
        return self._completion(request, answer)

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        return retried_stream(lambda: self._stream(request), self._config.retry)

    async def check(self) -> None:
        with translated(self.name):
            await self._client.models.list()

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        answer = _Answer()
        with translated(self.name):
            arguments = self._arguments(request)
            arguments["stream_options"] = {"include_usage": True}
            chunks = await self._client.chat.completions.create(**arguments, stream=True)
            async with chunks:
                async for chunk in chunks:
                    answer.id, answer.usage = chunk.id, chunk.usage or answer.usage
                    for choice in chunk.choices[:1]:
                        answer.finish = choice.finish_reason or answer.finish
                        answer.refused = answer.refused or bool(choice.delta.refusal)
                        piece = choice.delta.content or choice.delta.refusal
                        if piece:
                            answer.text += piece
                            yield Delta(piece)
        if answer.finish is None:  # the end is a finish reason, not the end of the bytes
            raise ModelUnreachable(f"{self.name} ended its stream without finishing the answer.")
        yield self._completion(request, answer)

    def _completion(self, request: ChatRequest, answer: _Answer) -> Completion:
        usage = _usage(answer.usage) if answer.usage else self._counted(request, answer)
        finish: FinishReason = _FINISH.get(answer.finish or "", "stop")
        return Completion(
            text=answer.text,
            finish="refusal" if answer.refused else finish,
            model=self.name,
            usage=usage,
            cost_microdollars=cost(self.name, usage) if self._config.openai else 0,
            request_id=answer.id,
        )

    def _counted(self, request: ChatRequest, answer: _Answer) -> Usage:
        asked = sum(self._tokens.count(message.text) for message in request.prompt.messages)
        return Usage(input=asked, output=self._tokens.count(answer.text))

    def _arguments(self, request: ChatRequest) -> CompletionCreateParamsBase:
        arguments = CompletionCreateParamsBase(
            model=self.name, messages=[self._message(m) for m in request.prompt.messages]
        )
        if not self._config.openai:
            arguments["max_tokens"] = request.max_output_tokens
            return arguments
        arguments["max_completion_tokens"] = request.max_output_tokens
        if request.cache_key:
            arguments["prompt_cache_key"] = request.cache_key
        return arguments

    def _message(self, message: Message) -> ChatCompletionMessageParam:
        known = self._config.openai or message.role != "developer"
        role = message.role if known else "system"
        return cast("ChatCompletionMessageParam", {"role": role, "content": message.text})


def _usage(used: CompletionUsage) -> Usage:
    asked, answered = used.prompt_tokens_details, used.completion_tokens_details
    return Usage(
        input=used.prompt_tokens,
        cached=(asked and asked.cached_tokens) or 0,
        written=(asked and asked.cache_write_tokens) or 0,
        output=used.completion_tokens,
        reasoning=(answered and answered.reasoning_tokens) or 0,
    )
