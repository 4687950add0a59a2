"""Answers from the Chat Completions API: OpenAI's, or any server that speaks its format.

Other servers are sent nothing that they may reject: roles system, user and assistant, no field
that only OpenAI has. Knows no price, no retry, no limits, no ledger. What comes back is read in
`chat_answer.py`.
"""

import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from openai import AsyncOpenAI
from openai.types.chat import (
    ChatCompletion,
    ChatCompletionContentPartParam,
    ChatCompletionContentPartTextParam,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageParam,
)
from openai.types.chat.chat_completion_content_part_image_param import ImageURL
from openai.types.chat.completion_create_params import CompletionCreateParamsBase, ResponseFormat
from openai.types.shared import ReasoningEffort

from domain.completion import CachePlan, ChatRequest, Completion, Delta, Usage
from domain.ports import TokenCounter
from domain.prompt import Image, OutputSchema, Prompt, Tool, ToolRound
from gateway.capabilities import Fitted, capabilities, fitted
from gateway.chat.chat_answer import Answer
from gateway.chat.images import address
from gateway.chat.openai_cache import MARK, marked, said
from gateway.frames import post, post_for_frames
from gateway.openai_client import translated

_PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class ChatCompletionsConfig:
    openai: bool = True  # OpenAI itself: developer role, cache key, prices


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
        self._openai = (config or ChatCompletionsConfig()).openai
        self._provider = "openai" if self._openai else "elsewhere"
        self._has = capabilities(self._provider, model)
        self.name = model

    async def complete(self, request: ChatRequest) -> Completion:
        fit = self._fitted(request)
        with translated(self.name):
            said = await post(self._client, _PATH, self._arguments(fit), ChatCompletion)
            return self._completion(fit, Answer.of(said, self.name))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        fit, answer = self._fitted(request), Answer()
        with translated(self.name):
            arguments = self._arguments(fit)
            arguments["stream_options"] = {"include_usage": True}
            frames = await post_for_frames(self._client, _PATH, arguments)
            async with frames:
                async for frame in frames:
                    if piece := answer.hear(frame):
                        yield Delta(piece)
            answer.must_be_whole(self.name)
            last = self._completion(fit, answer)
        yield last

    async def check(self) -> None:
        with translated(self.name):
            await self._client.models.list()

    def _fitted(self, request: ChatRequest) -> Fitted:
        return fitted(request, self._has, "chat")

    def _completion(self, fit: Fitted, answer: Answer) -> Completion:
        usage, notes = answer.used, fit.notes
        if usage is None:
            usage = self._counted(fit.request, answer)
            notes = (*notes, f"{self.name} did not say what it used: its tokens were counted here.")
        return Completion(
            text=answer.text,
            finish=answer.finish,
            model=self.name,
            usage=usage,
            request_id=answer.id,
            calls=answer.calls,
            provider=self._provider,
            notes=notes,
        )

    def _counted(self, request: ChatRequest, answer: Answer) -> Usage:
        asked = sum(self._tokens.count(message.text) for message in request.prompt.messages)
        calls = "".join(f"{call.name}{call.arguments}" for call in answer.calls)
        return Usage(input=asked, output=self._tokens.count(answer.text + calls))

    def _arguments(self, fit: Fitted) -> CompletionCreateParamsBase:
        request, prompt = fit.request, fit.request.prompt
        arguments = CompletionCreateParamsBase(
            model=self.name, messages=list(self._messages(prompt, request.cache))
        )
        if self._has.cap == "max_tokens":
            arguments["max_tokens"] = request.max_output_tokens
        else:
            arguments["max_completion_tokens"] = request.max_output_tokens
        if prompt.tools:
            arguments["tools"] = [self._tool(tool) for tool in prompt.tools]
        if prompt.schema:
            arguments["response_format"] = _format(prompt.schema)
        if fit.effort is not None:
            arguments["reasoning_effort"] = cast("ReasoningEffort", fit.effort)
        if request.verbosity is not None:
            arguments["verbosity"] = request.verbosity
        if request.temperature is not None:
            arguments["temperature"] = request.temperature
        if request.top_p is not None:
            arguments["top_p"] = request.top_p
        if request.stop:
            arguments["stop"] = list(request.stop)
        if not self._openai:
            return arguments
        return cast("CompletionCreateParamsBase", {**arguments, **said(request.cache)})

    def _messages(
        self, prompt: Prompt, plan: CachePlan | None
    ) -> Iterator[ChatCompletionMessageParam]:
        marks = marked(prompt, plan) if self._openai else ()
        shown = len(prompt.prefix) + len(prompt.history) + len(prompt.tail) - 1
        for place, turn in enumerate(prompt.turns):
            if isinstance(turn, ToolRound):
                yield from _round(turn)
            elif place == shown and prompt.images:
                yield self._message(turn.role, _parts(turn.text, prompt.images))
            elif place in marks:
                yield self._message(turn.role, [_marked(turn.text)])
            else:
                yield self._message(turn.role, turn.text)

    def _message(
        self, role: str, content: str | list[ChatCompletionContentPartParam]
    ) -> ChatCompletionMessageParam:
        known = self._openai or role != "developer"
        said = {"role": role if known else "system", "content": content}
        return cast("ChatCompletionMessageParam", said)

    def _tool(self, tool: Tool) -> ChatCompletionFunctionToolParam:
        made: ChatCompletionFunctionToolParam = {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": json.loads(tool.parameters),
            },
        }
        if self._openai:
            made["function"]["strict"] = tool.strict
        return made


def _round(made: ToolRound) -> Iterator[ChatCompletionMessageParam]:
    yield {
        "role": "assistant",
        "content": made.text or None,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in made.calls
        ],
    }
    for result in made.results:
        yield {"role": "tool", "tool_call_id": result.call, "content": result.text}


def _marked(text: str) -> ChatCompletionContentPartTextParam:
    said_so = {"type": "text", "text": text, "prompt_cache_breakpoint": MARK}
    return cast("ChatCompletionContentPartTextParam", said_so)


def _parts(text: str, images: Iterable[Image]) -> list[ChatCompletionContentPartParam]:
    return [{"type": "text", "text": text}, *map(_image, images)]


def _image(image: Image) -> ChatCompletionContentPartParam:
    shown = ImageURL(url=address(image))
    if image.detail != "auto":
        shown["detail"] = image.detail
    return {"type": "image_url", "image_url": shown}


def _format(schema: OutputSchema) -> ResponseFormat:
    return {
        "type": "json_schema",
        "json_schema": {
            "name": schema.name,
            "schema": json.loads(schema.schema),
            "strict": schema.strict,
        },
    }
