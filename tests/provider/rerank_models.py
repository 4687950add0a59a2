"""Tiny cross-encoders, as real ONNX files: the score of a pair is how many words it shares.

Written in ONNX's wire format, of which so little is needed that no library has to be.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

_FLOAT, _INT64 = 1, 7
_UNIT = struct.pack("<f", 1)
_WORDS = """
    how long are backups kept for 35 days run every night the canteen opens at noon word a
"""


def write_cross_encoder(
    folder: Path,
    outputs: Sequence[str] = ("score",),
    *,
    length: int | None = None,
    weights: str | None = None,
) -> Path:
    """`outputs`: what the model gives of "score", "against", "tokens", "nothing", in one row.

    `length`: the only one it takes. `weights`: the file that has them, beside the model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if weights:
        (folder / weights).write_bytes(_UNIT)
    unit = _field(9, _UNIT) if weights is None else _elsewhere(weights)
    (folder / "model.onnx").write_bytes(_model(outputs, length, unit))
    _tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def _tokenizer() -> Tokenizer:
    words = ["[UNK]", "[CLS]", "[SEP]", *_WORDS.split()]
    made = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    return made


def _model(outputs: Sequence[str], length: int | None, unit: bytes) -> bytes:
    """Of ids and types [1, n]: Σ over i, j of (ids equal) · (i is of the question) · (j is not)."""
    nodes = [
        _node("Unsqueeze", ["input_ids", "two"], "down"),
        _node("Unsqueeze", ["input_ids", "one"], "across"),
        _node("Equal", ["down", "across"], "same"),
        _node("Cast", ["same"], "equal", to=_FLOAT),
        _node("Cast", ["token_type_ids"], "types", to=_FLOAT),
        _node("Sub", ["unit", "types"], "first"),
        _node("Unsqueeze", ["first", "two"], "asked"),
        _node("Unsqueeze", ["types", "one"], "told"),
        _node("Mul", ["asked", "told"], "pairs"),
        _node("Mul", ["equal", "pairs"], "shared"),
        _node("ReduceSum", ["shared", "both"], "sum", keepdims=0),
        _node("Unsqueeze", ["sum", "one"], "score"),
        _node("Neg", ["score"], "against"),
        _node("Sub", ["unit", "unit"], "zero"),
        _node("Div", ["zero", "zero"], "nan"),
        _node("Add", ["score", "nan"], "nothing"),
        _node("Add", ["types", "score"], "tokens"),
        _node("Concat", list(outputs), "logits", axis=1),
    ]
    constants = [
        _constant("one", _INT64, 1, _field(9, struct.pack("<q", 1))),
        _constant("two", _INT64, 1, _field(9, struct.pack("<q", 2))),
        _constant("both", _INT64, 2, _field(9, struct.pack("<qq", 1, 2))),
        _constant("unit", _FLOAT, 1, unit),
    ]
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, b"tiny"),
            *(_field(5, constant) for constant in constants),
            *(
                _field(11, _value(name, _INT64, [1, length]))
                for name in ("input_ids", "token_type_ids")
            ),
            _field(12, _value("logits", _FLOAT, [1, None])),
        ]
    )
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 17))


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    parts = [_field(1, name.encode()) for name in inputs]
    parts += [_field(2, output.encode()), _field(4, kind.encode())]
    for name, value in attributes.items():
        parts.append(_field(5, _field(1, name.encode()) + _field(3, value) + _field(20, 2)))
    return b"".join(parts)


def _constant(name: str, kind: int, size: int, data: bytes) -> bytes:
    return _field(1, size) + _field(2, kind) + _field(8, name.encode()) + data


def _elsewhere(file: str) -> bytes:
    place = _field(1, b"location") + _field(2, file.encode())
    return _field(13, place) + _field(14, 1)


def _value(name: str, kind: int, dims: Sequence[int | None]) -> bytes:
    shape = b"".join(
        _field(1, _field(2, b"n") if size is None else _field(1, size)) for size in dims
    )
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def _field(number: int, value: int | bytes) -> bytes:
    """Protocol buffers: a number as a varint, anything else with its length before it."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    head, rest = value & 0x7F, value >> 7
    return bytes([head | 0x80]) + _varint(rest) if rest else bytes([head])
