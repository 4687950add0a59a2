"""How a model thinks and speaks where a request leaves that open: as its tier has it, or as it is
usually asked, and only as far as it can. What a request says itself is not touched.
"""

from dataclasses import dataclass, replace

from domain.completion import ChatRequest, Effort, Verbosity
from gateway.capabilities import Capabilities
from gateway.policy.send import Items, Send


@dataclass(frozen=True, slots=True)
class Manner:
    """None is left to the model."""

    effort: Effort | None = None
    verbosity: Verbosity | None = None

    def over(self, usual: "Manner") -> "Manner":
        return Manner(self.effort or usual.effort, self.verbosity or usual.verbosity)


def mannered(send: Send, manner: Manner, has: Capabilities) -> Send:
    def sent(request: ChatRequest) -> Items:
        return send(in_manner(request, manner, has))

    return sent


def in_manner(request: ChatRequest, manner: Manner, has: Capabilities) -> ChatRequest:
    if has.known and request.effort is None and manner.effort in has.efforts:
        request = replace(request, effort=manner.effort)
    if has.known and request.verbosity is None and "verbosity" in has.takes:
        request = replace(request, verbosity=manner.verbosity)
    return request
