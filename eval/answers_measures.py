"""What an answer is worth, by its words alone: offline, the same in every run.

Support: a statement is supported by what it cites when half of its content words, and all of its
numbers, stand there or in the headings above it; those of the question need not. A model judges
better (`--judge`); this finds what was made up, or is cited from elsewhere, not what was
misunderstood. How often it errs stands in eval/LOG.md.
"""

from collections import Counter
from collections.abc import Sequence

from answering.claims import plain
from eval.words import content, numbers, share, words

SUPPORTING = 0.5  # of those content words
_CLOSED = frozenset({"yes", "no"})  # answers that a longer text contains by chance


def supported(statement: str, cited: str, question: str) -> bool:
    """What the statement says beyond the question has to stand in what it cites."""
    new = content(statement) - content(question) or content(statement)
    figures = numbers(statement) - numbers(question)
    return figures <= numbers(cited) and share(new, content(cited)) >= SUPPORTING


def token_f1(answer: str, right: Sequence[str]) -> float:
    """Of the best of the right answers, as reading comprehension is measured."""
    return max((_f1(answer, one) for one in right), default=0.0)


def contains(answer: str, right: Sequence[str]) -> float:
    return float(any(_contains(answer, one) for one in right))


def _f1(answer: str, right: str) -> float:
    said, wanted = Counter(words(plain(answer))), Counter(words(right))
    common = (said & wanted).total()
    return 2 * common / (said.total() + wanted.total()) if common else 0.0


def _contains(answer: str, right: str) -> bool:
    """Its words, in a row. Of yes and no it is the first word that counts."""
    said, wanted = words(plain(answer)), words(right)
    if len(wanted) == 1 and wanted[0] in _CLOSED:
        return said[:1] == wanted
    size = len(wanted)
    return size > 0 and any(said[at : at + size] == wanted for at in range(len(said) - size + 1))
