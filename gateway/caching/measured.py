"""What was measured of a model's cache on the user's own key, and so counts before its rules.

Written by `forebay cache-check` into one file of the data directory. Knows no provider.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from domain.errors import Misconfigured
from gateway.caching.rules import CacheRules, cache_rules

FILE = "cache-rules.json"


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one model, on one day."""

    at: str  # ISO 8601, UTC
    hits: bool  # with any tail
    tail: int | None = None  # tokens; a longer one was not found any more. None: all were found
    least: int | None = None  # tokens of the shortest prompt that was found


_FINDINGS = TypeAdapter(dict[str, Finding])


def measured_rules(provider: str, model: str, findings: Mapping[str, Finding]) -> CacheRules:
    """The vendor's rules, and what was found to be otherwise."""
    rules, found = cache_rules(provider, model), findings.get(f"{provider}/{model}")
    if found is None:
        return rules
    least = rules.least if found.least is None else found.least
    return replace(rules, least=least, tail=found.tail if found.hits else 0)


def read_findings(path: Path) -> dict[str, Finding]:
    """By provider/model; empty when nothing was measured."""
    try:
        return _FINDINGS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise Misconfigured(
            f"{path} is not as `forebay cache-check` writes it: {error.errors()[0]['msg']}. "
            "Delete it, and measure again."
        ) from error


def write_finding(path: Path, name: str, finding: Finding) -> None:
    """`name`: provider/model. What was found of others stays."""
    found = read_findings(path) | {name: finding}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name: asdict(one) for name, one in sorted(found.items())}, indent=2)
    partial = path.with_suffix(".partial")
    partial.write_text(text + "\n", "utf-8")
    partial.replace(path)
