"""What a worker says of itself first, and whether it may work for this process."""

import json
from dataclasses import dataclass

from domain.vectors import VectorSpace
from domain.version import VERSION
from ingest.parse import reader_versions
from wiring.codec import to_json


@dataclass(frozen=True, slots=True)
class Hello:
    """What has to be the same on both sides."""

    version: str
    readers: tuple[str, ...]
    space: VectorSpace | None  # None: does not embed


def hello(space: VectorSpace | None) -> Hello:
    return Hello(VERSION, tuple(reader_versions()), space)


def encode(said: Hello) -> bytes:
    return to_json(said)


def difference(own: Hello, said: bytes) -> str:
    """Empty: there is none. What another version says may have another form."""
    theirs, ours = json.loads(said), json.loads(encode(own))
    if theirs == ours:
        return ""
    if theirs.get("version") != own.version:
        return (
            f"it runs Forebay {theirs.get('version')}, this command is {own.version}. "
            "Install the same version on both."
        )
    if theirs.get("readers") != ours["readers"]:
        odd = sorted(set(theirs.get("readers", ())) ^ set(own.readers))
        return (
            f"its readers differ ({', '.join(odd)}). Install the same packages on both, as "
            "constraints.txt pins them."
        )
    return (
        f"it embeds with {theirs.get('space')}, this command with {ours['space']}. The model "
        "(FOREBAY_EMBED__PATH, if it is set) has to be the same on both."
    )
