"""Prompt sets: versioned folders of text that stand before the cache boundary, read once.

A set is `system.md`, `developer.md` and, where it has any, `contract.json`: its static variables
with their defaults, its tools, its output schema. Knows nothing of questions, and cannot: what
it returns is the same bytes for everybody who has the same settings.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from domain.errors import Misconfigured
from domain.prompt import Message, OutputSchema, Role, Tool

ROLES: tuple[Role, ...] = ("system", "developer")  # a file each, in this order
CONTRACT = "contract.json"
_NAME = re.compile(r"[\w-]+(?:/[\w-]+)+")


@dataclass(frozen=True, slots=True)
class PromptSet:
    version: str  # "answer/v1"
    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    schema: OutputSchema | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """Where sets are looked for: a folder of the user's own, then those that come with Forebay.

    `variables`: the values of the sets' static variables, the same for every question.
    """

    folder: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def read(self, version: str) -> PromptSet:
        return _read(version, self.folder, tuple(sorted(self.variables.items())))

    def versions(self) -> list[str]:
        return sorted({name for root in self._roots() for name in _versions(root)})

    def source(self, version: str, name: str) -> str | None:
        """A file of the set as it is written; None when the set has no such file."""
        path = _folder(version, self.folder) / name
        return path.read_text("utf-8") if path.is_file() else None

    def _roots(self) -> Iterator[Traversable]:
        yield files("prompts")
        if self.folder:
            yield self.folder


class _ToolOf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    description: str
    parameters: dict[str, JsonValue]
    strict: bool = True


class _SchemaOf(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str
    schema_: dict[str, JsonValue] = Field(alias="schema")
    strict: bool = True


class Contract(BaseModel):
    """What `contract.json` may say."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, str] = {}
    tools: list[_ToolOf] = []
    output: _SchemaOf | None = None


def canonical(text: str) -> str:
    """LF, NFC, no trailing blanks, one line end at the end."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"


def canonical_json(value: JsonValue) -> str:
    """No blanks. The order of keys stays: a model writes its answer in the schema's order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _read(version: str, folder: Path | None, variables: tuple[tuple[str, str], ...]) -> PromptSet:
    root = _folder(version, folder)
    contract = _contract(version, root)
    values = contract.variables | {k: v for k, v in variables if k in contract.variables}
    return PromptSet(
        version=version,
        messages=tuple(
            Message(role, canonical(_filled(version, path, values)))
            for role in ROLES
            if (path := root / f"{role}.md").is_file()
        ),
        tools=tuple(
            Tool(tool.name, tool.description, canonical_json(tool.parameters), tool.strict)
            for tool in sorted(contract.tools, key=lambda tool: tool.name)
        ),
        schema=_schema(contract.output),
    )


def _schema(of: _SchemaOf | None) -> OutputSchema | None:
    return OutputSchema(of.name, canonical_json(of.schema_), of.strict) if of else None


def _folder(version: str, folder: Path | None) -> Traversable:
    parts = version.split("/")
    if folder and _NAME.fullmatch(version) and (own := folder.joinpath(*parts)).is_dir():
        return own
    built_in = files("prompts").joinpath(*parts)
    if not _NAME.fullmatch(version) or not (built_in / "system.md").is_file():
        looked = f"{folder} and Forebay's own" if folder else "Forebay's own"
        raise Misconfigured(
            f"There is no prompt set '{version}' (looked through {looked}). "
            "`forebay prompts list` names those that there are."
        )
    return built_in


def _contract(version: str, root: Traversable) -> Contract:
    path = root / CONTRACT
    if not path.is_file():
        return Contract()
    try:
        return Contract.model_validate_json(path.read_bytes())
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Misconfigured(f"{CONTRACT} of the prompt set '{version}' is wrong: {said}.") from None


def _filled(version: str, path: Traversable, values: Mapping[str, str]) -> str:
    try:
        return Template(path.read_text("utf-8")).substitute(values)
    except KeyError as error:
        raise Misconfigured(
            f"{path.name} of the prompt set '{version}' uses ${{{error.args[0]}}}, which its "
            f"{CONTRACT} does not declare under 'variables'. What changes from question to "
            "question cannot stand in a prompt set."
        ) from None
    except ValueError as error:
        raise Misconfigured(
            f"{path.name} of the prompt set '{version}': {error}. Write $$ for a dollar sign."
        ) from None


def _versions(root: Traversable, above: str = "") -> Iterator[str]:
    for entry in root.iterdir():
        if entry.is_dir():
            name = f"{above}{entry.name}"
            if above and (entry / "system.md").is_file():
                yield name
            yield from _versions(entry, f"{name}/")
