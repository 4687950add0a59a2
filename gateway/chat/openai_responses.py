"""Answers from OpenAI's Responses API: a request said in its words, its answer in ours.

Nothing is stored there; what the model thought between calls of tools travels sealed, with us.
Knows no retry, no limits, no ledger. What comes back is read in `responses_answer.py`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

import httpx2
import openai
from openai import AsyncOpenAI
from openai.types.responses import (
    EasyInputMessageParam,
    FunctionToolParam,
    Response,
    ResponseIncludable,
    ResponseInputContentParam,
    ResponseInputImageParam,
    ResponseInputItemParam,
    ResponseInputTextParam,
    ResponseTextConfigParam,
)
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from openai.types.shared_params import Reasoning

from domain.completion import ChatRequest, Completion, Delta, Effort
from domain.errors import ModelError, ModelRateLimited, ModelRejected, ModelUnreachable
from domain.prompt import Image, Message, Prompt, Tool, ToolRound
from gateway.capabilities import Fitted, capabilities, fitted
from gateway.chat.images import address
from gateway.chat.openai_cache import MARK, marked, said
from gateway.chat.responses_answer import UNDER_WAY, Heard, completion
from gateway.frames import post, post_for_frames
from gateway.openai_client import translated

PROVIDER = "openai"
_PATH = "/responses"
_SEALED: list[ResponseIncludable] = ["reasoning.encrypted_content"]
_NAMED = 10  # models, in a message
_CANCELLING = 5.0  # seconds; an answer that nobody waits for is not worth more


@dataclass(frozen=True, slots=True)
class ResponsesConfig:
    look_every: float = 2.0  # seconds, at an answer that is made in the background
    looks_missed: int = 5  # in a row, that cannot be answered for now


class OpenAIResponses:
    """Implements domain.ports.ChatModel."""

    def __init__(
        self, client: AsyncOpenAI, model: str, config: ResponsesConfig | None = None
    ) -> None:
        self._client = client
        self._config = config or ResponsesConfig()
        self._has = capabilities(PROVIDER, model)
        self.name = model

    async def complete(self, request: ChatRequest) -> Completion:
        return await self._complete(self._fitted(request))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        fit = self._fitted(request)
        if fit.request.background:
            for piece in _pieces(await self._complete(fit)):
                yield piece
            return
        heard = Heard(self.name)
        with translated(self.name):
            frames = await post_for_frames(self._client, _PATH, self._arguments(fit))
            async with frames:
                async for frame in frames:  # to its end, so that the connection is kept
                    if delta := heard.delta(frame):
                        yield delta
            last = replace(completion(self.name, heard.whole(), fit.notes), text=heard.text)
        yield last

    async def check(self) -> None:
        with translated(self.name):
            try:
                await self._client.models.retrieve(self.name)
            except openai.NotFoundError:
                if _is_openai(self._client):
                    raise
                await self._find_listed()

    async def _find_listed(self) -> None:
        """Where one model cannot be asked for, as at llama.cpp's server, which names its only one
        after the file and answers to any name. Among several a name that is missing would fail with
        the first question, so it is wrong already.
        """
        listed = [model.id async for model in self._client.models.list()]
        if self.name not in listed and len(listed) != 1:
            has = ", ".join(listed[:_NAMED]) or "none"
            raise ModelRejected(
                f"{self.name} is not among the models that are there: {has}. Check the model's "
                "name in the settings, and OPENAI_BASE_URL."
            )

    async def _complete(self, fit: Fitted) -> Completion:
        with translated(self.name):
            response = await post(self._client, _PATH, self._arguments(fit), Response)
            if fit.request.background:
                response = await self._awaited(response)
            return completion(self.name, response, fit.notes)

    async def _awaited(self, response: Response) -> Response:
        """Looked at until it is done. When nobody waits any more, it is called off."""
        missed = 0
        try:
            while response.status in UNDER_WAY:
                await asyncio.sleep(self._config.look_every)
                try:
                    response = await self._look(response.id)
                    missed = 0
                except (ModelRateLimited, ModelUnreachable) as error:
                    missed += 1
                    if missed > self._config.looks_missed or not _passing(error):
                        raise
        finally:
            if response.status in UNDER_WAY:
                await self._call_off(response.id)
        return response

    async def _look(self, answer: str) -> Response:
        with translated(self.name):
            return await self._client.responses.retrieve(answer, include=_SEALED)

    async def _call_off(self, answer: str) -> None:
        with suppress(openai.OpenAIError, httpx2.TransportError, TimeoutError):
            async with asyncio.timeout(_CANCELLING):
                await self._client.responses.cancel(answer)

    def _fitted(self, request: ChatRequest) -> Fitted:
        return fitted(request, self._has, "responses")

    def _arguments(self, fit: Fitted) -> ResponseCreateParamsBase:
        request, prompt = fit.request, fit.request.prompt
        arguments = ResponseCreateParamsBase(
            model=self.name,
            input=_input(prompt, marked(prompt, request.cache)),
            max_output_tokens=request.max_output_tokens,
            store=False,
        )
        if self._has.efforts:
            arguments["include"] = _SEALED
        if reasoning := _reasoning(fit):
            arguments["reasoning"] = reasoning
        if text := _text(request):
            arguments["text"] = text
        if prompt.tools:
            arguments["tools"] = [_tool(tool) for tool in prompt.tools]
        if request.temperature is not None:
            arguments["temperature"] = request.temperature
        if request.top_p is not None:
            arguments["top_p"] = request.top_p
        if request.metadata:
            arguments["metadata"] = dict(request.metadata)
        if request.background:
            arguments["background"] = True
        return cast("ResponseCreateParamsBase", {**arguments, **said(request.cache)})


def _is_openai(client: AsyncOpenAI) -> bool:
    """Its own address or one of its regions'; Azure's ends otherwise."""
    return f".{client.base_url.host}".endswith(".openai.com")


def _pieces(whole: Completion) -> Iterator[Delta | Completion]:
    """An answer that came at once, as a stream."""
    if whole.summary:
        yield Delta(whole.summary, "summary")
    if whole.text:
        yield Delta(whole.text)
    yield whole


def _passing(error: ModelError) -> bool:
    return not isinstance(error, ModelUnreachable) or error.transient


def _reasoning(fit: Fitted) -> Reasoning:
    found = Reasoning()
    if fit.effort is not None:
        # The SDK's type lags behind the words that models take.
        found["effort"] = cast("Effort", fit.effort)
    if fit.request.summary:
        found["summary"] = "auto"
    return found


def _text(request: ChatRequest) -> ResponseTextConfigParam:
    found = ResponseTextConfigParam()
    if request.verbosity is not None:
        found["verbosity"] = request.verbosity
    if schema := request.prompt.schema:
        found["format"] = {
            "type": "json_schema",
            "name": schema.name,
            "schema": json.loads(schema.schema),
            "strict": schema.strict,
        }
    return found


def _tool(tool: Tool) -> FunctionToolParam:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": json.loads(tool.parameters),
        "strict": tool.strict,
    }


def _input(prompt: Prompt, marks: Collection[int]) -> list[ResponseInputItemParam]:
    """`marks`: the turns that end in a cache breakpoint."""
    before = (*prompt.prefix, *prompt.history, *prompt.tail)
    items = list(_turns(before, marks))
    if prompt.images:
        items[-1] = _shown(prompt.tail[-1], prompt.images)
    return [*items, *_turns(prompt.rounds)]


def _turns(
    turns: Iterable[Message | ToolRound], marks: Collection[int] = ()
) -> Iterator[ResponseInputItemParam]:
    for place, turn in enumerate(turns):
        if not isinstance(turn, Message):
            yield from _round(turn)
        elif place in marks:
            marked_text = {"type": "input_text", "text": turn.text, "prompt_cache_breakpoint": MARK}
            content = [cast("ResponseInputTextParam", marked_text)]
            yield EasyInputMessageParam(role=turn.role, content=[*content], type="message")
        else:
            yield EasyInputMessageParam(role=turn.role, content=turn.text, type="message")


def _round(made: ToolRound) -> Iterator[ResponseInputItemParam]:
    """What the model thought, said and called, in its own order, and then each result."""
    if made.carry and made.carry.provider == PROVIDER:
        yield from json.loads(made.carry.json)
    else:
        yield from _retold(made)
    for result in made.results:
        yield {"type": "function_call_output", "call_id": result.call, "output": result.text}


def _retold(made: ToolRound) -> Iterator[ResponseInputItemParam]:
    """A round that another model began."""
    if made.text:
        yield EasyInputMessageParam(role="assistant", content=made.text, type="message")
    for call in made.calls:
        yield {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }


def _shown(message: Message, images: Iterable[Image]) -> EasyInputMessageParam:
    parts: list[ResponseInputContentParam] = [{"type": "input_text", "text": message.text}]
    parts += [_image(image) for image in images]
    return EasyInputMessageParam(role=message.role, content=parts, type="message")


def _image(image: Image) -> ResponseInputImageParam:
    return {"type": "input_image", "image_url": address(image), "detail": image.detail}
