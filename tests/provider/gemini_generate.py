"""Gemini's generateContent format, as the SDK's types describe it on the wire."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.provider.script import Reply
from tests.provider.tokens import IMAGE, MESSAGE_OVERHEAD, count, count_json, pieces

Json = dict[str, Any]

_FREE = {"args", "response", "responseJsonSchema", "parametersJsonSchema"}
_MIN_NAMED = 3.0  # the generation from which a call has an id


def whole(model: str, body: Json, reply: Reply, number: int = 1) -> Json:
    if reply.filtered:
        return _blocked(model, body, number)
    parts = [_joined(run) for run in _said(model, body, reply, number)]
    return _answer(model, body, reply, number, parts, finish=True)


def events(model: str, body: Json, reply: Reply, number: int = 1) -> Iterator[Json]:
    """The parts piece by piece; the finish and all counts come with the last."""
    if reply.filtered:
        yield _blocked(model, body, number)
        return
    for run in _said(model, body, reply, number):
        for part in run:
            yield _answer(model, body, reply, number, [part], finish=False)
    yield _answer(model, body, reply, number, [{"text": ""}], finish=True)


def plain(value: Any) -> Any:
    """Names come in both spellings, as protocol buffers take them. What is the caller's stays."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    named = {_camel(name): inner for name, inner in value.items()}
    return {name: inner if name in _FREE else plain(inner) for name, inner in named.items()}


def schema(body: Json) -> Json | None:
    """Of the answer that is asked for."""
    found: Json | None = (body.get("generationConfig") or {}).get("responseJsonSchema")
    return found


def counts(body: Json, reply: Reply) -> Json:
    """All that is to be paid for."""
    spent = usage(body, reply)
    asked = spent["promptTokenCount"]
    return {
        "input_tokens": asked,
        "output_tokens": spent["totalTokenCount"] - asked,
        "input_tokens_details": {"cached_tokens": reply.cached},
    }


def usage(body: Json, reply: Reply, *, asked_alone: bool = False) -> Json:
    """The candidates' count leaves out what was thought."""
    asked = _asked(body)
    spent = {"promptTokenCount": asked}
    if reply.cached:
        spent["cachedContentTokenCount"] = reply.cached
    if asked_alone:
        return {**spent, "totalTokenCount": asked}
    calls = sum(count(call.name) + count(call.arguments) for call in reply.calls)
    said = count(reply.said) + calls
    if reply.reasoning:
        spent["thoughtsTokenCount"] = reply.reasoning
    total = asked + said + reply.reasoning
    return {**spent, "candidatesTokenCount": said, "totalTokenCount": total}


def generation(model: str) -> float:
    return float(model.split("-")[1])


def signature(name: str) -> str:
    """Of a call; the model knows it again."""
    return base64.b64encode(f"signed {name}".encode()).decode()


def _answer(
    model: str, body: Json, reply: Reply, number: int, parts: list[Json], *, finish: bool
) -> Json:
    candidate: Json = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish:
        candidate["finishReason"] = (
            "SAFETY" if reply.refusal else "MAX_TOKENS" if reply.cut else "STOP"
        )
    spent = {"usageMetadata": usage(body, reply, asked_alone=not finish)} if reply.usage else {}
    return {**_head(model, number), "candidates": [candidate], **spent}


def _blocked(model: str, body: Json, number: int) -> Json:
    """The prompt itself is refused: nothing is said."""
    why = {"blockReason": "PROHIBITED_CONTENT"}
    spent = usage(body, Reply(""), asked_alone=True)
    return {**_head(model, number), "promptFeedback": why, "usageMetadata": spent}


def _head(model: str, number: int) -> Json:
    return {"modelVersion": model, "responseId": f"answer-{number}"}


def _said(model: str, body: Json, reply: Reply, number: int) -> list[list[Json]]:
    """What it thought, what it said, what it calls: each as the pieces that it is streamed in."""
    runs: list[list[Json]] = []
    thinking = (body.get("generationConfig") or {}).get("thinkingConfig") or {}
    if thinking.get("includeThoughts") and reply.summary:
        runs.append([{"text": piece, "thought": True} for piece in pieces(reply.summary)])
    if reply.said:
        runs.append([{"text": piece} for piece in pieces(reply.said)])
    for place, call in enumerate(reply.calls):
        named = {"id": f"call-{number}-{place}"} if generation(model) >= _MIN_NAMED else {}
        part: Json = {
            "functionCall": {**named, "name": call.name, "args": json.loads(call.arguments)}
        }
        if place == 0:  # of calls that are made together the first is signed
            part["thoughtSignature"] = signature(call.name)
        runs.append([part])
    return runs


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _joined(run: list[Json]) -> Json:
    if "text" not in run[0]:
        return run[0]
    return {**run[0], "text": "".join(piece["text"] for piece in run)}


def _asked(body: Json) -> int:
    """Tokens of instruction, contents, functions and schema."""
    contents = [*body["contents"]]
    if "systemInstruction" in body:
        contents.append(body["systemInstruction"])
    tools = sum(count_json(tool) for tool in body.get("tools") or [])
    wanted = schema(body)
    said = sum(_content(content) for content in contents)
    return said + tools + (count_json(wanted) if wanted else 0)


def _content(content: Json) -> int:
    return sum(map(_part_tokens, content["parts"])) + MESSAGE_OVERHEAD


def _part_tokens(part: Json) -> int:
    if "inlineData" in part or "fileData" in part:
        return IMAGE["auto"]
    if call := part.get("functionCall"):
        return count(call["name"]) + count_json(call.get("args") or {})
    if answer := part.get("functionResponse"):
        return count(answer["name"]) + count_json(answer["response"])
    return count(part.get("text") or "")
