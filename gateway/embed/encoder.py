"""Runs one ONNX model: a text in, a vector of unit length out, or one for each of its tokens.
Knows nothing of threads or files.

Texts go through it one by one: a dynamically quantized model scales its activations over the
whole batch, so only then does a text always give the same bytes.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Read when the library is loaded. Without it, it keeps a file of what it would report home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    RuntimeException,
)
from tokenizers import Encoding, Tokenizer

from domain.errors import Misconfigured

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]  # one a row
Pooling = Literal["cls", "mean"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    name: str
    model: bytes
    tokenizer: bytes


class Encoder:
    """May be called from many threads at once."""

    def __init__(self, files: ModelFiles, pooling: Pooling, max_tokens: int) -> None:
        self._name = files.name
        self._pooling = pooling
        self._session = session(files.model, files.name)
        self._tokenizer = tokenizer(files.tokenizer, files.name)
        self._tokenizer.enable_truncation(max_length=max_tokens)
        self._tokenizer.no_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}

    def encode(self, text: str) -> Vector:
        output = self._output(self._encoded(text).ids)
        vector = output if output.ndim == 1 else self._pooled(output)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def encode_tokens(self, text: str, most: int, silent: int = 0) -> Vectors:
        """Of the first `most` tokens. Marks of the model have none, nor have tokens of the first
        `silent` characters.
        """
        encoded = self._encoded(text)
        encoded.truncate(most)
        output = self._output(encoded.ids)
        if output.ndim == 1:
            raise Misconfigured(
                f"The model {self._name} gives one vector for a text and none for its tokens, "
                "which late interaction compares. Set FOREBAY_RERANK__PROVIDER to another."
            )
        words = [start >= silent and end > start for start, end in encoded.offsets]
        vectors = output[np.array(words, dtype=bool)]
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def _encoded(self, text: str) -> Encoding:
        # tokenizers refuses lone surrogates, which a broken document may contain
        return self._tokenizer.encode(text.encode("utf-8", "replace").decode())

    def _output(self, numbers: list[int]) -> NDArray[np.float32]:
        ids = np.array([numbers], dtype=np.int64)
        feeds = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        taken = {name: feed for name, feed in feeds.items() if name in self._inputs}
        try:
            return np.asarray(self._session.run(None, taken)[0][0])
        except (Fail, InvalidArgument, RuntimeException) as error:
            raise Misconfigured(
                f"The model {self._name} does not embed {ids.size} tokens: {error}. "
                "Set FOREBAY_EMBED__PATH to a text embedding model that does."
            ) from error

    def _pooled(self, tokens: NDArray[np.float32]) -> Vector:
        if self._pooling == "cls":
            return np.asarray(tokens[0])
        return np.asarray(tokens.mean(axis=0))


def session(model: bytes | Path, name: str) -> onnxruntime.InferenceSession:
    """From its bytes, or from a file, which may have its weights in another file beside it."""
    options = onnxruntime.SessionOptions()
    # One thread a text and several texts at once: 35 texts/s on 2 cores, against 32 the other way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf, RuntimeException) as error:
        raise Misconfigured(f"The model {name} cannot be loaded: {error}.") from error


def tokenizer(data: bytes, name: str) -> Tokenizer:
    try:
        return Tokenizer.from_str(data.decode())
    except Exception as error:  # tokenizers raises nothing narrower
        raise Misconfigured(f"The tokenizer.json of {name} cannot be read: {error}.") from error
