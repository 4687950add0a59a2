"""What each model takes of a request: what is left out with a note, and what is refused unsent.

The table stands in `capabilities.toml`. Knows no SDK and no wire format.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from domain.completion import ChatRequest, Effort
from domain.errors import InvalidInput

Api = Literal["responses", "chat", "own"]
When = Literal["always", "unreasoning", "never"]

_ESSENTIAL = ("tools", "schema", "images")  # without them it would be another question
_LEFT_OUT: dict[str, dict[str, Any]] = {
    "stop": {"stop": ()},
    "verbosity": {"verbosity": None},
    "summary": {"summary": False},
    "background": {"background": False},
    "metadata": {"metadata": {}},
}
_SAMPLING = ("temperature", "top_p")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One model's row."""

    model: str
    takes: frozenset[str]
    efforts: Mapping[str, str] = field(default_factory=dict)
    unset: str = ""
    sampling: When = "always"
    chat_tools: When = "always"
    cap: str = "max_completion_tokens"
    known: bool = True


@dataclass(frozen=True, slots=True)
class Fitted:
    """A request of which everything can be said to the model."""

    request: ChatRequest
    effort: str | None  # in the provider's word
    notes: tuple[str, ...]


def capabilities(provider: str, model: str) -> Capabilities:
    """A provider without rows, or a model that none of them names, takes everything."""
    name = model.rpartition("/")[2]
    for names, row in _rows(provider):
        if any(fnmatchcase(name, pattern) for pattern in names):
            return replace(row, model=model)
    return Capabilities(model, frozenset({*_ESSENTIAL, *_LEFT_OUT}), known=False)


def fitted(request: ChatRequest, has: Capabilities, api: Api = "own") -> Fitted:
    """`api`: the format that the request is going to be said in."""
    takes = has.takes - _lacks(api)
    for feature in _ESSENTIAL:
        if _asked(request, feature) and feature not in takes:
            raise InvalidInput(
                f"{has.model} takes no {feature}. Ask another model, or leave them out.",
                field=feature,
            )
    effort, notes = _effort(request.effort, has)
    if api == "chat" and request.prompt.tools and has.chat_tools != "always":
        effort, notes = _beside_tools(effort, notes, has)
    left_out = {f for f in _LEFT_OUT if _asked(request, f) and f not in takes}
    changes = {name: value for f in left_out for name, value in _LEFT_OUT[f].items()}
    if not _samples(effort, has):
        sampling = [name for name in _SAMPLING if getattr(request, name) is not None]
        left_out.update(sampling)
        changes.update(dict.fromkeys(sampling))
    notes += [f"{has.model} takes no {name} here: it was left out." for name in sorted(left_out)]
    if not has.known and _unusual(request):
        notes.append(f"What {has.model} takes is not known: it was sent all that was asked.")
    return Fitted(replace(request, **changes) if changes else request, effort, tuple(notes))


def _effort(asked: Effort | None, has: Capabilities) -> tuple[str | None, list[str]]:
    if asked is None:
        return None, []
    if not has.efforts:
        return None, [f"{has.model} has no setting of effort: '{asked}' was left out."]
    word = has.efforts.get(asked)
    if word is None:
        raise InvalidInput(
            f"{has.model} does not take effort '{asked}'. It takes {', '.join(has.efforts)}.",
            field="effort",
        )
    stands_for = asked != word and word in has.efforts
    return word, [f"Effort '{asked}' is '{word}' at {has.model}."] if stands_for else []


def _beside_tools(
    effort: str | None, notes: list[str], has: Capabilities
) -> tuple[str | None, list[str]]:
    """Chat Completions does not let these models think about tools."""
    if has.chat_tools == "never":
        raise InvalidInput(
            f"{has.model} takes tools in the Responses API alone. Set FOREBAY_CHAT__API=responses.",
            field="tools",
        )
    if (effort or has.unset) == "none":
        return "none", notes
    return "none", [*notes, f"{has.model} takes tools here at effort 'none' alone: it was set."]


def _samples(effort: str | None, has: Capabilities) -> bool:
    if has.sampling == "unreasoning":
        return (effort or has.unset) == "none"
    return has.sampling == "always"


def _asked(request: ChatRequest, feature: str) -> bool:
    where = request.prompt if feature in _ESSENTIAL else request
    return bool(getattr(where, feature))


def _unusual(request: ChatRequest) -> bool:
    sampling = any(getattr(request, name) is not None for name in _SAMPLING)
    features = (*_ESSENTIAL, *_LEFT_OUT)
    return bool(request.effort) or sampling or any(_asked(request, f) for f in features)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("gateway").joinpath("capabilities.toml").read_text("utf-8"))


@cache
def _lacks(api: Api) -> frozenset[str]:
    return frozenset(_table()["lacks"].get(api, ()))


@cache
def _rows(provider: str) -> tuple[tuple[tuple[str, ...], Capabilities], ...]:
    """In the order of the file, each with the names that it is of."""
    return tuple((tuple(row["names"]), _row(row)) for row in _table().get(provider, ()))


def _row(row: dict[str, Any]) -> Capabilities:
    rest = {key: value for key, value in row.items() if key not in {"names", "takes"}}
    return Capabilities(model="", takes=frozenset(row["takes"]), **rest)
