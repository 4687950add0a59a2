"""Reranks on this machine with any ONNX cross-encoder from a path; nothing is downloaded.

Pairs go through the model one by one, for the same reason as in `gateway/embed/encoder.py`, and
several at once on as many threads.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException
from tokenizers import Encoding

from domain.errors import Misconfigured
from domain.hits import Reranking
from gateway.embed.cores import cores
from gateway.embed.encoder import session, tokenizer
from gateway.rerank.plain import plain

_BATCH = 8  # passages a thread: between two batches it is seen whether there is time for another
_LOGITS = "logits"


@dataclass(frozen=True, slots=True)
class CrossEncoderConfig:
    path: Path  # a folder with one .onnx model and its tokenizer.json, or the model itself
    max_tokens: int = 512  # of question and passage together
    threads: int | None = None  # None: one for each core that this process may use
    batch: int | None = None


class CrossEncoder:
    """A question and a passage in, one number out. May be called from many threads at once."""

    def __init__(self, model: Path, tokenizer_file: Path, max_tokens: int) -> None:
        self.name = _name(model)
        self._session = session(model, self.name)
        self._tokenizer = tokenizer(tokenizer_file.read_bytes(), self.name)
        # The longer one gives way: the passage, unless the question has more than half of it all.
        self._tokenizer.enable_truncation(max_length=max_tokens, strategy="longest_first")
        self._tokenizer.no_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}
        outputs = [item.name for item in self._session.get_outputs()]
        self._output = _LOGITS if _LOGITS in outputs else outputs[0]

    def score(self, question: str, passage: str) -> float:
        encoded = self._tokenizer.encode(plain(question), plain(passage))
        logits = self._run(encoded)
        if logits.shape not in {(1, 1), (1,), (1, 2)}:
            raise Misconfigured(
                f"The model {self.name} is no cross-encoder: for one pair of texts it gives "
                f"numbers of shape {logits.shape}, where one or two are expected. Set "
                "FOREBAY_RERANK__PATH to another."
            )
        # Of two classes the second is "relevant".
        score = float(logits.flat[-1]) - (float(logits.flat[0]) if logits.size > 1 else 0)
        if not np.isfinite(score):
            raise Misconfigured(
                f"The model {self.name} gives {score} for {len(encoded.ids)} tokens: it is damaged "
                "or needs more than 16 bits. Set FOREBAY_RERANK__PATH to one of 32 or 8 bits."
            )
        return score

    def _run(self, encoded: Encoding) -> NDArray[np.float32]:
        feeds = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        taken = {
            name: np.array([numbers], dtype=np.int64)
            for name, numbers in feeds.items()
            if name in self._inputs
        }
        try:
            return np.asarray(self._session.run([self._output], taken)[0])
        except (Fail, InvalidArgument, RuntimeException, ValueError) as error:
            raise Misconfigured(
                f"The model {self.name} does not score {len(encoded.ids)} tokens: {error}. Set "
                "FOREBAY_RERANK__MAX_TOKENS lower, or FOREBAY_RERANK__PATH to a cross-encoder."
            ) from error


class LocalReranker:
    """Implements domain.ports.Reranker."""

    def __init__(self, encoder: CrossEncoder, config: CrossEncoderConfig) -> None:
        self._encoder = encoder
        count = config.threads or cores()
        self._batch = config.batch or _BATCH * count
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="rerank")

    @classmethod
    def open(cls, config: CrossEncoderConfig) -> Self:
        """Tries it at full length, so that it does not fail later under a question."""
        encoder = CrossEncoder(*_files(config.path), config.max_tokens)
        encoder.score("a", "a " * config.max_tokens)
        return cls(encoder, config)

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def batch(self) -> int:
        return self._batch

    async def rerank(self, question: str, passages: Sequence[str]) -> Reranking:
        loop = asyncio.get_running_loop()
        running = [
            loop.run_in_executor(self._threads, self._encoder.score, question, passage)
            for passage in passages
        ]
        try:
            return Reranking(tuple(await asyncio.gather(*running)))
        finally:
            for one in running:
                one.cancel()  # those not begun, when one failed or nobody waits any more

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


def _files(path: Path) -> tuple[Path, Path]:
    """The model and its tokenizer, which may stand beside it or, as usual, one folder above."""
    models = [path] if path.is_file() else sorted(path.glob("*.onnx"))
    folder = path.parent if path.is_file() else path
    tokenizers = [
        found for place in (folder, folder.parent) if (found := place / "tokenizer.json").is_file()
    ]
    if len(models) != 1 or not tokenizers:
        raise Misconfigured(
            f"FOREBAY_RERANK__PATH is {path}: a folder with one .onnx model and its tokenizer.json "
            f"is expected, or the model itself; found {len(models)} models and "
            f"{'a' if tokenizers else 'no'} tokenizer.json."
        )
    return models[0], tokenizers[0]


def _name(model: Path) -> str:
    """Of its folder: files are called `model.onnx` all over the world."""
    folder = model.parent.resolve()
    return folder.parent.name if folder.name == "onnx" else folder.name
