"""A conversation in OpenAI's format, as a question with what was brought beside it.

The last message of the user is the question. What tools were asked since then, and what they said,
stands behind it; what was said before is history; what the application wants stands before both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from answering.brought import Brought
from api.access import Caller
from api.asked import Asked, asked
from api.bodies import AskBody
from api.openai_bodies import ChatBody, Function, ResponseBody
from api.openai_said import Said, of_items, of_messages
from domain.errors import InvalidInput, NotFound
from domain.prompt import Tool, ToolResult, ToolRound
from domain.records import Turn
from wiring.services import Services

PREFIX = "forebay"
_BEFORE = frozenset({"system", "developer"})


def of_chat(body: ChatBody, asking: Caller, services: Services) -> Asked:
    format_ = body.response_format
    schema = format_.json_schema.schema_ if format_ and format_.json_schema else None
    wish = {"effort": body.reasoning_effort, "response_schema": schema}
    stop = [body.stop] if isinstance(body.stop, str) else body.stop or []
    brought = Brought(
        tools=_tools([tool.function for tool in body.tools or ()], body.tool_choice),
        max_output_tokens=body.max_completion_tokens or body.max_tokens,
        stop=tuple(stop),
    )
    return _asked(body, of_messages(body.messages), wish, brought, asking, services)


def of_responses(body: ResponseBody, asking: Caller, services: Services) -> Asked:
    format_ = body.text.format if body.text else None
    wish = {
        "effort": body.reasoning.effort if body.reasoning else None,
        "response_schema": format_.schema_ if format_ else None,
    }
    brought = Brought(
        tools=_tools(body.tools or (), body.tool_choice),
        max_output_tokens=body.max_output_tokens,
    )
    said = of_items(body.input)
    if body.instructions:
        said = [Said("developer", body.instructions), *said]
    return _asked(body, said, wish, brought, asking, services)


def collection_of(model: str) -> str | None:
    """None: the usual one."""
    if model == PREFIX:
        return None
    prefix, _, name = model.partition("/")
    if prefix != PREFIX or not name:
        raise NotFound(
            f"There is no model '{model}'. A model is a collection, as in '{PREFIX}/handbook'; "
            "GET /v1/models lists them."
        )
    return name


def _asked(
    body: ChatBody | ResponseBody,
    said: Sequence[Said],
    wish: Mapping[str, object],
    brought: Brought,
    asking: Caller,
    services: Services,
) -> Asked:
    last = _question_of(said)
    said_too = body.forebay.model_dump(mode="json", exclude_unset=True)
    named = collection_of(body.model)
    wish = {name: value for name, value in wish.items() if value is not None}
    wish = said_too | wish | {"question": said[last].text, "images": list(said[last].images)}
    if named is not None:
        wish["collection"] = named
    try:
        whole = AskBody.model_validate(wish)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    found = asked(whole, asking, services)
    more = replace(
        brought,
        turns=_turns(said[:last]),
        instructions="\n\n".join(one.text for one in said if one.role in _BEFORE and one.text),
        rounds=_rounds(said[last + 1 :]),
        images=found.question.brought.images,
        microdollars=found.question.brought.microdollars,
        temperature=body.temperature,
        top_p=body.top_p,
    )
    return replace(found, question=replace(found.question, brought=more))


def _question_of(said: Sequence[Said]) -> int:
    asks = [place for place, one in enumerate(said) if one.role == "user"]
    if not asks:
        raise InvalidInput("There is no message of the user.", field="messages")
    return asks[-1]


def _turns(said: Sequence[Said]) -> tuple[Turn, ...]:
    """Question and answer, as often as both were said; of tools, what came of them in words."""
    spoken = [one for one in said if one.role in {"user", "assistant"} and one.text]
    runs = [
        (role, "\n\n".join(one.text for one in run))
        for role, run in groupby(spoken, key=lambda one: one.role)
    ]
    return tuple(
        Turn(question, answer, "")
        for (role, question), (_, answer) in pairwise(runs)
        if role == "user"
    )


def _rounds(said: Sequence[Said]) -> tuple[ToolRound, ...]:
    """Calls with their results. Each call has one, in the order of the calls."""
    results = {one.answers: one for one in said if one.answers}
    rounds: list[ToolRound] = []
    for one in said:
        if one.role != "assistant":
            continue
        if not one.calls:
            raise InvalidInput(
                "The last message is the user's, or what its tools have said.", field="messages"
            )
        missing = [call.id for call in one.calls if call.id not in results]
        if missing:
            raise InvalidInput(f"The call '{missing[0]}' has no result.", field="messages")
        told = tuple(ToolResult(call.id, results[call.id].text) for call in one.calls)
        rounds.append(ToolRound(one.calls, told, one.text))
    return tuple(rounds)


def _tools(tools: Sequence[Function], choice: str | None) -> tuple[Tool, ...]:
    if choice == "none":
        return ()
    return tuple(
        Tool(
            name=tool.name,
            description=tool.description or "",
            parameters=json.dumps(
                tool.parameters or {"type": "object", "properties": {}}, ensure_ascii=False
            ),
            strict=bool(tool.strict),
        )
        for tool in tools
    )
