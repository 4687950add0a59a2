"""The Dockerfile and docker-compose.yml, read; what they mean is the tests' business."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

import yaml

from tests.layout.checkout import read
from wiring.settings import variables

PROJECT: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["project"]
COMPOSE: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PORT, _ = variables()["FOREBAY_API__PORT"]


@dataclass(frozen=True, slots=True)
class Instruction:
    word: str
    rest: str


def instructions() -> list[Instruction]:
    """Of the Dockerfile, continued lines joined, comments left out."""
    lines = (line for line in read("Dockerfile").splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line]


def stages() -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for instruction in instructions():
        if instruction.word == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def said(stage: list[Instruction], word: str) -> list[str]:
    return [instruction.rest for instruction in stage if instruction.word == word]
