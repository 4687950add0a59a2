"""Readies a text for an engine that takes words to be what stands between blanks and signs.

Scripts without blanks become overlapping pairs of their signs; an identifier is said again by
its parts, so that `parseHTTPHeader` is found by "header". Knows no language and no engine.
"""

import re

# Thai, Lao, Burmese, Khmer, Chinese and Japanese write their words without blanks.
_UNPARTED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]+"
)
# Of several parts, maybe. Nearly all words are none: `[a-z]*+` passes over them.
_IDENTIFIER = re.compile(r"[A-Za-z_][a-z]*+[A-Z0-9_][A-Za-z0-9_]*")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")


def words_apart(text: str) -> str:
    if not text.isascii():
        text = _UNPARTED.sub(_pairs, text)
    return _IDENTIFIER.sub(_with_parts, text)


def _pairs(run: re.Match[str]) -> str:
    signs = run[0]
    return f" {' '.join(signs[i : i + 2] for i in range(max(1, len(signs) - 1)))} "


def _with_parts(identifier: re.Match[str]) -> str:
    name = identifier[0]
    parts = _PART.findall(name)
    return f"{name} {' '.join(parts)}" if len(parts) > 1 else name
