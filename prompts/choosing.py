"""Asks a small model to choose: tools for a question, or how able a model it needs.

What is static stands before the cache boundary, the list of tools as well; the question is fenced
and stands behind it.
"""

from collections.abc import Sequence

from domain.ids import fingerprint
from domain.prompt import Message, Prompt, Tool
from prompts.compose import prefix
from prompts.fence import fenced, inside

_TOOLS, _TIER = "tools/v1", "route/v1"


def choose_tools(question: str, tools: Sequence[Tool], most: int) -> Prompt:
    lines = "\n".join(
        f"{tool.name}: {inside(' '.join(tool.description.split()))}" for tool in tools
    )
    listed = Message("developer", f"<tools>\n{lines}\n</tools>\n")
    return Prompt(
        version=f"{_TOOLS}+{fingerprint(lines)[:8]}",
        prefix=(*prefix(_TOOLS), listed),
        history=(),
        tail=(Message("user", f"{fenced('question', question)}\n\nAt most: {most} tools"),),
        question=question,
        evidence=(),
    )


def choose_tier(question: str, passages: int, turns: int) -> Prompt:
    known = f"Passages found: {passages}\nQuestions before it: {turns}"
    return Prompt(
        version=_TIER,
        prefix=prefix(_TIER),
        history=(),
        tail=(Message("user", f"{fenced('question', question)}\n\n{known}"),),
        question=question,
        evidence=(),
    )
