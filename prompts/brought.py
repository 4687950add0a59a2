"""Puts what a caller brings beside its question into a prompt, all of it behind the boundary.

All but tools: every provider puts those first. Equal tools make an equal prefix, and are cached so.
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.prompt import Image, Message, Prompt, Tool, ToolRound
from prompts.fence import inside

_WISHES = (
    "The application through which this question comes asks for the following. Follow it where "
    "the rules above leave room.\n\n<application>\n{}\n</application>"
)


def bring(
    prompt: Prompt,
    *,
    instructions: str = "",
    images: Sequence[Image] = (),
    tools: Sequence[Tool] = (),
    rounds: Sequence[ToolRound] = (),
) -> Prompt:
    """`rounds`: calls of its tools since the question, with what came of them."""
    history = prompt.history
    if instructions:
        history = (Message("user", _WISHES.format(inside(instructions))), *history)
    return replace(
        prompt,
        history=history,
        images=(*prompt.images, *images),
        tools=(*prompt.tools, *tools),
        rounds=(*prompt.rounds, *rounds),
    )
