"""How much Claude thinks: an effort in the words of the model's generation. Knows no messages."""

from dataclasses import dataclass
from typing import Literal, cast

from anthropic.types import ThinkingConfigParam

from domain.completion import ChatRequest
from gateway.capabilities import Capabilities, Fitted

Level = Literal["low", "medium", "high", "xhigh"]
Display = Literal["summarized", "omitted"]

_OFF: dict[str, ThinkingConfigParam | None] = {
    "off": None,  # it thinks only when it is asked to
    "disabled": {"type": "disabled"},
    "between_tools": {"type": "between_tools"},
}
_LEAST = 1_024  # tokens that the API takes as a budget


@dataclass(frozen=True, slots=True)
class Thinking:
    """What is sent, and what it is not that was asked for."""

    config: ThinkingConfigParam | None = None
    level: Level | None = None
    notes: tuple[str, ...] = ()


def thinking(fit: Fitted, has: Capabilities, *, signed: bool) -> Thinking:
    """`signed`: what it thought before its latest calls is at hand, word for word."""
    request, effort = fit.request, fit.effort
    if effort in _OFF:
        return Thinking(_OFF[effort])
    # Thinking that nobody reads is not written out: the answer begins sooner.
    display: Display = "summarized" if request.summary else "omitted"
    if not any(word.isdigit() for word in has.efforts.values()):
        if effort is None and not request.summary:
            return Thinking()
        return Thinking({"type": "adaptive", "display": display}, cast("Level | None", effort))
    if effort is None:
        silent = f"{has.model} has no reasoning to sum up: set an effort."
        return Thinking(notes=(silent,) if request.summary else ())
    return _budgeted(request, has.model, int(effort), display, signed=signed)


def _budgeted(
    request: ChatRequest, model: str, wanted: int, display: Display, *, signed: bool
) -> Thinking:
    """Thinking is part of the output, of which at least half is left to the answer."""
    tokens = min(wanted, request.max_output_tokens // 2)
    if tokens < _LEAST:
        why = f"{request.max_output_tokens} tokens of output leave no room, {2 * _LEAST} would"
    elif not signed:  # the API lets it go on thinking only behind its own thoughts
        why = "its latest calls were made by another model"
    else:
        return Thinking({"type": "enabled", "budget_tokens": tokens, "display": display})
    return Thinking(notes=(f"{model} answers without thinking: {why}.",))
