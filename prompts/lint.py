"""Finds in a prompt set what will not stay the same, and what keeps it from being cached.

By type nothing volatile can reach a prefix; somebody can still write today's date into
`system.md`. The rules for that are data, `lint.toml`. Knows no vendor: which length a model
wants is given.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from domain.ports import TokenCounter
from prompts.sets import CONTRACT, ROLES, Library, canonical
from prompts.short import Needs, shortfall

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    where: str  # "answer/v1/system.md:12"
    rule: str
    says: str


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    pattern: re.Pattern[str]
    says: str


def lint(
    version: str, library: Library, tokens: TokenCounter, needs: Sequence[Needs] = ()
) -> list[Finding]:
    """`needs`: of the models that are asked."""
    library.read(version)  # Misconfigured, when it is no prompt set
    found = [*_texts(version, library), *_contract(version, library), *_unknown(version, library)]
    said = (shortfall(version, library, tokens, one) for one in needs)
    return [*found, *(Finding("warning", version, "length", says) for says in said if says)]


def _texts(version: str, library: Library) -> Iterator[Finding]:
    for role in ROLES:
        name = f"{role}.md"
        text = library.source(version, name)
        for number, line in enumerate((text or "").splitlines(), start=1):
            for rule in _rules():
                if match := rule.pattern.search(line):
                    where = f"{version}/{name}:{number}"
                    yield Finding("error", where, rule.name, f"'{match[0]}' is {rule.says}.")
        if text is not None and text != canonical(text):
            yield Finding(
                "warning",
                f"{version}/{name}",
                "form",
                "It is not in canonical form (LF, NFC, no trailing blanks, one line end at the "
                "end). It is sent in that form.",
            )


def _contract(version: str, library: Library) -> Iterator[Finding]:
    text = library.source(version, CONTRACT)
    if text is None:
        return
    where = f"{version}/{CONTRACT}"
    declared = json.loads(text)
    names = [tool["name"] for tool in declared.get("tools", ())]
    if names != sorted(names):
        says = "Tools are not in the order of their names. They are sent in that order."
        yield Finding("warning", where, "order", says)
    for name in declared.get("variables", {}):
        if not any(_uses(library.source(version, f"{role}.md"), name) for role in ROLES):
            yield Finding("error", where, "variable", f"The variable '{name}' is used nowhere.")
    for rule in _rules():
        for value in _strings(declared):
            if rule.name != "placeholder" and (match := rule.pattern.search(value)):
                yield Finding("error", where, rule.name, f"'{match[0]}' is {rule.says}.")


def _unknown(version: str, library: Library) -> Iterator[Finding]:
    """What is set for a variable that the set has not."""
    declared = json.loads(library.source(version, CONTRACT) or "{}").get("variables", {})
    for name in library.variables:
        if name not in declared:
            says = f"The settings give the variable '{name}' a value; this set declares none."
            yield Finding("warning", version, "variable", says)


def _uses(text: str | None, variable: str) -> bool:
    return text is not None and re.search(rf"\${{{variable}}}|\${variable}\b", text) is not None


def _strings(value: object) -> Iterator[str]:
    """Every text in parsed JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


@cache
def _rules() -> tuple[_Rule, ...]:
    read = tomllib.loads(files("prompts").joinpath("lint.toml").read_text("utf-8"))
    return tuple(
        _Rule(rule["name"], re.compile(rule["pattern"]), rule["says"]) for rule in read["rule"]
    )
