"""What clients of OpenAI's format send. What this service does not have is left unread, as other
servers of the format do; what would change an answer and is not there is refused.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.bodies import AskWish
from domain.completion import Effort

_NOT_READ = ConfigDict(extra="ignore")
Temperature = Annotated[float | None, Field(ge=0, le=2)]
Share = Annotated[float | None, Field(ge=0, le=1)]
Tokens = Annotated[int | None, Field(ge=1)]
Model = Annotated[
    str,
    Field(
        description="`forebay/` and a collection; `forebay` alone is the usual collection",
        examples=["forebay/handbook"],
    ),
]


class _Read(BaseModel):
    model_config = _NOT_READ


class ImageUrl(_Read):
    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class Part(_Read):
    type: str
    text: str = ""
    refusal: str = ""
    image_url: ImageUrl | str | None = None  # a text in the format of responses
    detail: Literal["auto", "low", "high"] = "auto"


class FunctionCall(_Read):
    name: str
    arguments: str = "{}"


class Call(_Read):
    id: str
    function: FunctionCall


class ChatMessage(_Read):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    tool_calls: list[Call] | None = None
    tool_call_id: str = ""


class Function(_Read):
    name: str
    description: str | None = None
    parameters: dict[str, JsonValue] | None = None
    strict: bool | None = None


class ChatTool(_Read):
    type: Literal["function"]
    function: Function


class Schema(_Read):
    schema_: dict[str, JsonValue] = Field(alias="schema")


class ResponseFormat(_Read):
    type: Literal["text", "json_schema"]
    json_schema: Schema | None = None


class StreamOptions(_Read):
    include_usage: bool | None = None


class _Asking(_Read):
    model: Model
    stream: bool | None = None
    tool_choice: Literal["auto", "none"] | None = None
    temperature: Temperature = None
    top_p: Share = None
    forebay: AskWish = Field(AskWish(), description="What only this service has, as in /v1/ask")


class ChatBody(_Asking):
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream_options: StreamOptions | None = None
    tools: list[ChatTool] | None = None
    response_format: ResponseFormat | None = None
    max_completion_tokens: Tokens = None
    max_tokens: Tokens = None
    stop: str | list[str] | None = None
    reasoning_effort: Effort | None = None
    n: Literal[1] | None = None
    logprobs: Literal[False] | None = None


class Item(_Read):
    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[Part] | None = None
    call_id: str = ""
    name: str = ""
    arguments: str = "{}"
    output: str | list[Part] = ""


class ResponseTool(Function):
    type: Literal["function"]


class TextFormat(_Read):
    type: Literal["text", "json_schema"] = "text"
    schema_: dict[str, JsonValue] | None = Field(None, alias="schema")


class TextWish(_Read):
    format: TextFormat | None = None


class Reasoning(_Read):
    effort: Effort | None = None


class ResponseBody(_Asking):
    input: str | list[Item]
    instructions: str | None = None
    tools: list[ResponseTool] | None = None
    text: TextWish | None = None
    reasoning: Reasoning | None = None
    max_output_tokens: Tokens = None
    background: Literal[False] | None = None
    previous_response_id: None = Field(
        None, description="Nothing is kept between two calls: send the turns, or `forebay.session`"
    )


class EmbeddingBody(_Read):
    model: str = Field(examples=["bge-small-en-v1.5"])
    input: (
        Annotated[str, Field(min_length=1)]
        | Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=2048)]
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    input_type: Literal["document", "query"] = Field(
        "document", description="Some models read questions in another way than passages"
    )
