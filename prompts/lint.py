"""Finds in a prompt set what will not stay the same, and what keeps it from being cached.

By type nothing volatile can reach a prefix; somebody can still write today's date into
`system.md`. The rules for that are data, `lint.toml`. Knows no vendor: which length a model
wants is given.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from domain.ports import TokenCounter
from prompts.sets import CONTRACT, ROLES, Library, canonical
from prompts.short import Needs, shortfall

Level = Literal["error", "warning"]

_DATA = 4  # keys; with fewer it is a form that somebody wrote down


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
    found = [*_texts(version, library), *_contract(version, library), *_settings(version, library)]
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
        for place in _unsorted(text or ""):
            says = "The keys of this JSON are not in order. Sort them where a program writes it."
            yield Finding("warning", f"{version}/{name}:{place}", "order", says)
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
        if _changing().pattern.search(name):
            says = f"'{name}' is {_changing().says}."
            yield Finding("warning", where, _changing().name, says)
    for value in _strings(declared):
        yield from _words(value, where)


def _settings(version: str, library: Library) -> Iterator[Finding]:
    """What the settings fill in."""
    declared = json.loads(library.source(version, CONTRACT) or "{}").get("variables", {})
    for name, value in library.variables.items():
        if name in declared:
            yield from _words(value, f"{version}, the setting of '{name}'")
        else:
            says = f"The settings give the variable '{name}' a value; this set declares none."
            yield Finding("warning", version, "variable", says)


def _words(value: str, where: str) -> Iterator[Finding]:
    """Of what is filled in, so that no placeholder in it counts."""
    for rule in _rules():
        if rule.name != "placeholder" and (match := rule.pattern.search(value)):
            yield Finding("error", where, rule.name, f"'{match[0]}' is {rule.says}.")


def _unsorted(text: str) -> Iterator[int]:
    """The lines in which JSON begins whose keys are not in order."""
    read, at = json.JSONDecoder(), 0
    while (start := text.find("{", at)) >= 0:
        try:
            value, at = read.raw_decode(text, start)
        except ValueError:
            at = start + 1
            continue
        if any(len(keys) >= _DATA and keys != sorted(keys) for keys in _keys(value)):
            yield text.count("\n", 0, start) + 1


def _keys(value: object) -> Iterator[list[str]]:
    """Of every object in parsed JSON."""
    if isinstance(value, dict):
        yield list(value)
    for inner in _inside(value):
        yield from _keys(inner)


def _uses(text: str | None, variable: str) -> bool:
    return text is not None and re.search(rf"\${{{variable}}}|\${variable}\b", text) is not None


def _strings(value: object) -> Iterator[str]:
    """Every text in parsed JSON."""
    if isinstance(value, str):
        yield value
    for inner in _inside(value):
        yield from _strings(inner)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(_rule(rule["name"], rule) for rule in _data()["rule"])


@cache
def _changing() -> _Rule:
    """Of a variable's name."""
    return _rule("variable", _data()["variable"])


def _rule(name: str, of: dict[str, str]) -> _Rule:
    return _Rule(name, re.compile(of["pattern"]), of["says"])


def _data() -> dict:  # type: ignore[type-arg]  # TOML, read here and nowhere else
    return tomllib.loads(files("prompts").joinpath("lint.toml").read_text("utf-8"))
