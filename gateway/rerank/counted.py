"""What a call of a hosted reranker is paid for, counted here as the vendors say that they count.

For before the call, and for answers that do not say it. Knows no price and no connection.
"""

from collections.abc import Callable, Sequence

from gateway.rerank.dialects import Used

_SEARCH = 100  # passages that are paid as one search
_PASSAGE = 500  # tokens with the question's; a longer passage counts as several
_BYTES = 3  # of a token: most have more


def counted(question: str, passages: Sequence[str], count: Callable[[str], int]) -> Used:
    """The question is read with each passage, and counts each time."""
    asked = count(question)
    lengths = [asked + count(passage) for passage in passages]
    parts = sum(max(1, _quotient(length, _PASSAGE)) for length in lengths)
    return Used(searches=_quotient(parts, _SEARCH), tokens=sum(lengths))


def bound(text: str) -> int:
    """Tokens, more rather than fewer."""
    return _quotient(len(text.encode("utf-8", "surrogatepass")), _BYTES)


def _quotient(number: int, divisor: int) -> int:
    """Rounded up."""
    return -(-number // divisor)
