"""The model that Forebay embeds with, for other frameworks: the same files, two ways to run them.

Needs numpy, onnxruntime and tokenizers, and nothing of Forebay.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

Way = Literal["singly", "batched"]
_LONGEST = 512  # tokens


class Model:
    """`singly`: one text at a time on each thread. `batched`: padded, all threads on one batch."""

    def __init__(self, folder: Path, way: Way, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1 if way == "singly" else threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            folder / "model_quantized.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_length=_LONGEST)
        if way == "batched":
            self._tokenizer.enable_padding()
        else:
            self._tokenizer.no_padding()
        self._threads = ThreadPoolExecutor(threads)
        self._way = way

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self._way == "batched":
            return self._batch(texts)
        return [rows[0] for rows in self._threads.map(self._batch, ([text] for text in texts))]

    def _batch(self, texts: Sequence[str]) -> list[list[float]]:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([one.ids for one in encoded], dtype=np.int64)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        first: NDArray[np.float32] = self._session.run(None, feeds)[0][:, 0]
        rows: list[list[float]] = (first / np.linalg.norm(first, axis=1, keepdims=True)).tolist()
        return rows
