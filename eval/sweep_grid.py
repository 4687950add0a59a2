"""The grid of a sweep: which settings, which values, and which combinations differ at all.

Reads what a person writes, `chunk.max_tokens=200,320`. Measures nothing.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import get_args

from pydantic import ValidationError

from domain.errors import InvalidInput
from wiring.configs import ingest_config, search_config, select_config
from wiring.settings import PREFIX, Settings
from wiring.settings_search import Section

NOW = "now"  # the name of what is set
UNSET = "unset"  # the value of a setting that has none
SHORT = {"chunk": "chunk.max_tokens", "fusion": "fusion.method", "rerank": "rerank.provider"}
_SECTIONS = ("chunk", "search", "fusion", "refine", "select", "rerank")
_NOT_SWEPT = {"search.boost", "rerank.api_key", "rerank.base_url", "rerank.threads"}

Axes = Mapping[str, Sequence[str]]  # setting → values, as they are written


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination. `values` are those that make a difference in it."""

    name: str
    values: Mapping[str, str]
    settings: Settings


def axes(written: Iterable[str]) -> Axes:
    """Of `NAME=VALUE,VALUE…`; a name that comes twice has the values of both."""
    found: dict[str, list[str]] = {}
    for one in written:
        name, sign, values = one.partition("=")
        name = SHORT.get(name.strip(), name.strip())
        parts = [value.strip() for value in values.split(",") if value.strip()]
        if not sign or not parts:
            raise InvalidInput(
                f"--over {one}: NAME=VALUE,VALUE is expected, as in search.depth=30,50,100.",
                field="over",
            )
        _check_known(name)
        found[name] = list(dict.fromkeys([*found.get(name, ()), *parts]))
    return found


def cells(settings: Settings, over: Axes) -> list[Cell]:
    """What is set comes first. Combinations that come to the same are one cell."""
    now = {name: shown(settings, name) for name in over}
    alike: dict[str, list[tuple[Mapping[str, str], Settings]]] = {
        _effect(settings): [(now, settings)]
    }
    for values in product(*over.values()):
        combination = dict(zip(over, values, strict=True))
        made = settings
        for name, value in combination.items():
            made = with_value(made, name, value)
        written = {name: shown(made, name) for name in combination}
        alike.setdefault(_effect(made), []).append((written, made))
    return [_cell(number, group) for number, group in enumerate(alike.values())]


def with_value(settings: Settings, name: str, value: str) -> Settings:
    """Checked as if it stood in the environment."""
    section_name, _, field = name.partition(".")
    section: Section = getattr(settings, section_name)
    known = type(section).model_fields[field]
    unset = value == UNSET and type(None) in get_args(known.annotation)
    try:
        made = type(section).model_validate(
            {**section.model_dump(), field: None if unset else value}
        )
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise InvalidInput(
            f"{name}={value}: {said}. It is: {known.description}.", field="over"
        ) from error
    return settings.model_copy(update={section_name: made})


def shown(settings: Settings, name: str) -> str:
    section, _, field = name.partition(".")
    value = getattr(getattr(settings, section), field)
    if value is None:
        return UNSET
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def names() -> list[str]:
    """Of the settings that a sweep can go over."""
    found = (
        f"{section}.{name}"
        for section in _SECTIONS
        for name in type(Settings.model_fields[section].default).model_fields
    )
    return [name for name in found if name not in _NOT_SWEPT]


def variable(name: str) -> str:
    """Its name in the environment."""
    return f"{PREFIX}{name.replace('.', '__')}".upper()


def _check_known(name: str) -> None:
    known = names()
    if name in known:
        return
    near = [one for one in known if one.endswith(f".{name}")]
    near = near or difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InvalidInput(
        f"--over {name}: there is no such setting to go over.{hint} There are "
        f"{', '.join([*SHORT, *known])}.",
        field="over",
    )


def _cell(number: int, group: Sequence[tuple[Mapping[str, str], Settings]]) -> Cell:
    """What differs within the group makes no difference."""
    values, settings = group[0]
    agreed = {
        name: value for name, value in values.items() if all(own[name] == value for own, _ in group)
    }
    said = " ".join(f"{name}={value}" for name, value in agreed.items())
    return Cell(said if number else NOW, agreed if number else values, settings)


def _effect(settings: Settings) -> str:
    """The same for two settings between which no question is treated differently."""
    rerank = settings.rerank if settings.rerank.provider != "none" else None
    return repr(
        (
            ingest_config(settings).chunk,
            settings.search.lexical,
            search_config(settings, "default"),
            select_config(settings),
            rerank,
        )
    )
