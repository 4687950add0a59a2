"""Writes the tables of docs/reference/ from the code: `python -m docs.describe`.

What stands above the mark in each page is written by hand and stays. A test says when the rest is
stale. Settings, commands, errors and metrics are made here, the HTTP interface in
`describe_http.py`. Knows no prose: words about a thing stand with the thing.
"""

# ruff: noqa: INP001  these pages are no package

import asyncio
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import typer
from prometheus_client.metrics import MetricWrapperBase
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from api import openai_route
from api import problems as problem_documents
from docs.describe_http import http
from docs.describe_table import code, table
from domain.errors import ForebayError
from forebay.__main__ import app
from wiring.settings import variables
from wiring.telemetry import Telemetry

FOLDER = Path(__file__).parent / "reference"
_MARK = "<!-- From here on made by `python -m docs.describe`: changes are lost. -->"


def pages() -> dict[str, str]:
    """By file name, as they should be."""
    made = {
        "settings.md": settings(),
        "commands.md": commands(),
        "http.md": asyncio.run(http()),
        "errors.md": errors(),
        "metrics.md": metrics(),
    }
    return {name: f"{_by_hand(name)}{_MARK}\n\n{text.strip()}\n" for name, text in made.items()}


def _by_hand(name: str) -> str:
    return (FOLDER / name).read_text("utf-8").partition(_MARK)[0]


def settings() -> str:
    rows = [(code(name), code(default), says) for name, (default, says) in variables().items()]
    return table(("variable", "default", "meaning"), rows)


def commands() -> str:
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return "\n\n".join(_commands("forebay", command))


def _commands(path: str, command: object) -> Iterator[str]:
    assert isinstance(command, TyperCommand | TyperGroup)
    yield f"## `{path}`\n\n{inspect.cleandoc(command.help or '')}"
    context = typer.Context(command)
    rows = [_parameter(one, context) for one in command.params if _is_ours(one)]
    if rows:
        yield table(("argument or option", "takes", "default", "meaning"), rows)
    for name, one in getattr(command, "commands", {}).items():
        yield from _commands(f"{path} {name}", one)


def _is_ours(parameter: object) -> bool:
    return isinstance(parameter, TyperArgument | TyperOption) and parameter.name != "help"


def _parameter(parameter: object, context: typer.Context) -> tuple[str, ...]:
    assert isinstance(parameter, TyperArgument | TyperOption)
    names = [*parameter.opts, *parameter.secondary_opts]
    if isinstance(parameter, TyperArgument):
        names = [parameter.metavar or f"{{{parameter.name}}}"]
    flag = isinstance(parameter, TyperOption) and parameter.is_flag
    takes = "" if flag else parameter.display_type(context).strip("<>")
    default = "required" if parameter.required else _default(parameter.default)
    return (", ".join(map(code, names)), code(takes), default, parameter.help or "")


def _default(value: object) -> str:
    return "" if value in (None, False, (), []) else code(str(value))


def errors() -> str:
    rows = [_error(kind) for kind in _kinds(ForebayError)]
    head = ("error", "status", "`title`", "`error.type` for OpenAI's clients", "what it is")
    return table(head, rows)


def _kinds(root: type[ForebayError]) -> Iterator[type[ForebayError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _error(kind: type[ForebayError]) -> tuple[str, ...]:
    error = kind("")
    told = json.loads(bytes(problem_documents.of(error).body))
    shaped = json.loads(bytes(openai_route.shaped(error).body))["error"]["type"]
    says = inspect.getdoc(kind) or ""
    return code(kind.__name__), str(told["status"]), told["title"], code(shaped), says


def metrics() -> str:
    rows = sorted(_metrics(Telemetry()))
    return table(("metric", "kind", "labels", "what it counts"), rows)


def _metrics(telemetry: Telemetry) -> Iterator[tuple[str, ...]]:
    # Neither tells its collectors or their labels in public before something was counted.
    for one in set(telemetry._registry._collector_to_names):  # noqa: SLF001
        labels = one._labelnames if isinstance(one, MetricWrapperBase) else ()  # noqa: SLF001
        for family in one.describe() if isinstance(one, MetricWrapperBase) else one.collect():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            yield code(name), family.type, ", ".join(map(code, labels)), family.documentation


def main() -> None:
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
