"""What a caller brings beside its question: a conversation of its own, tools, images, limits.

Knows no API: whoever speaks one reads it into this.
"""

from dataclasses import dataclass, replace

from domain.completion import ChatRequest
from domain.prompt import Image, Tool, ToolRound
from domain.records import Turn
from prompts.brought import bring


@dataclass(frozen=True, slots=True)
class Brought:
    """What is None or empty is as the service has it."""

    turns: tuple[Turn, ...] = ()  # said before, where no session remembers it
    instructions: str = ""
    images: tuple[Image, ...] = ()
    tools: tuple[Tool, ...] = ()  # the caller runs them
    rounds: tuple[ToolRound, ...] = ()  # of them, since the question
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    microdollars: int | None = None  # what a call for the answer may cost

    def over(self, request: ChatRequest) -> ChatRequest:
        return replace(
            request,
            prompt=bring(
                request.prompt,
                instructions=self.instructions,
                images=self.images,
                tools=self.tools,
                rounds=self.rounds,
            ),
            max_output_tokens=self.max_output_tokens or request.max_output_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            stop=self.stop,
            most_microdollars=self.microdollars,
        )
