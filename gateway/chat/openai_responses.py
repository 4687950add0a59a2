"""Answers from OpenAI's Responses API."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal

from openai import AsyncOpenAI
from openai.types.responses import EasyInputMessageParam, Response
from openai.types.responses.response_create_params import ResponseCreateParamsBase

from domain.completion import ChatRequest, Completion, Delta, FinishReason, Usage
from domain.errors import ModelError, ModelUnreachable
from domain.prompt import Message
from gateway.openai_client import failure, translated
from gateway.pricing import cost
from gateway.retry import RetryConfig, retried, retried_stream


@dataclass(frozen=True, slots=True)
class ResponsesConfig:
    """Reasoning and verbosity are sent to models of the gpt-5 family alone."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] = "low"
    verbosity: Literal["low", "medium", "high"] = "low"
    retry: RetryConfig = field(default_factory=RetryConfig)


class OpenAIResponses:
    """Implements domain.ports.ChatModel."""

    def __init__(
        self, client: AsyncOpenAI, model: str, config: ResponsesConfig | None = None
    ) -> None:
        cost(model, Usage())  # a model without a price is refused before it is called
        self._client = client
        self._config = config or ResponsesConfig()
        self.name = model

    async def complete(self, request: ChatRequest) -> Completion:
        async def call() -> Completion:
            with translated(self.name):
                response = await self._client.responses.create(**self._arguments(request))
            return self._completion(response)

        return await retried(call, self._config.retry)

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        return retried_stream(lambda: self._stream(request), self._config.retry)

    async def check(self) -> None:
        with translated(self.name):
            await self._client.models.retrieve(self.name)

    async def _stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        response: Response | None = None
        with translated(self.name):
            events = await self._client.responses.create(**self._arguments(request), stream=True)
            async with events:
                async for event in events:  # to its end, so that the connection is kept
                    match event.type:
                        case "response.output_text.delta" | "response.refusal.delta":
                            yield Delta(event.delta)
                        case "response.completed" | "response.incomplete" | "response.failed":
                            response = event.response
                        case "error":
                            raise failure(self.name, event.code, event.message)
                        case _:
                            pass
        if response is None:
            raise ModelUnreachable(f"{self.name} ended its stream without finishing the answer.")
        yield self._completion(response)

    def _completion(self, response: Response) -> Completion:
        if response.status not in {"completed", "incomplete"}:
            raise _failed(self.name, response)
        usage = _usage(response)
        return Completion(
            text=_text(response),
            finish=_finish(response),
            model=self.name,
            usage=usage,
            cost_microdollars=cost(self.name, usage),
            request_id=response.id,
        )

    def _arguments(self, request: ChatRequest) -> ResponseCreateParamsBase:
        arguments = ResponseCreateParamsBase(
            model=self.name,
            input=[_message(message) for message in request.prompt.messages],
            max_output_tokens=request.max_output_tokens,
            store=False,
        )
        if request.cache_key:
            arguments["prompt_cache_key"] = request.cache_key
        if self.name.startswith("gpt-5"):
            arguments["reasoning"] = {"effort": self._config.effort}
            arguments["text"] = {"verbosity": self._config.verbosity}
        return arguments


def _message(message: Message) -> EasyInputMessageParam:
    return EasyInputMessageParam(role=message.role, content=message.text, type="message")


def _failed(model: str, response: Response) -> ModelError:
    if response.error:
        return failure(model, response.error.code, response.error.message)
    return ModelUnreachable(f"{model} gave no answer; its status is '{response.status}'.")


def _finish(response: Response) -> FinishReason:
    refused = any(
        part.type == "refusal"
        for item in response.output
        if item.type == "message"
        for part in item.content
    )
    why = response.incomplete_details and response.incomplete_details.reason
    if refused or why == "content_filter":
        return "refusal"
    return "length" if response.status == "incomplete" else "stop"


def _text(response: Response) -> str:
    return "".join(
        part.text if part.type == "output_text" else part.refusal
        for item in response.output
        if item.type == "message"
        for part in item.content
    )


def _usage(response: Response) -> Usage:
    used = response.usage
    if used is None:
        raise ModelUnreachable(f"{response.model} answered without saying what it used.")
    return Usage(
        input=used.input_tokens,
        cached=used.input_tokens_details.cached_tokens,
        written=used.input_tokens_details.cache_write_tokens or 0,
        output=used.output_tokens,
        reasoning=used.output_tokens_details.reasoning_tokens,
    )
