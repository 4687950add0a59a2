"""Questions with gold spans from a collection of the user's own, for who has no labels.

Writes a data set that `forebay eval run` and `eval answers` take, beside the collection's
documents. Filters what is trivial; what people ask it does not know: see `eval sample` for that.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from answering.examine import QUESTIONS, Draft, Examiner
from eval import provenance
from eval.result import Made as Provenance
from eval.synth_filters import fault, located, overlap
from eval.synth_passages import Passage
from eval.synth_question import Made
from eval.words import near
from wiring.codec import to_json

EACH = 2  # questions that a model writes about a passage
_YIELD = 0.5  # of what it writes is kept, by an estimate
_AT_ONCE = 4  # passages
_SAME = 0.8  # Dice's coefficient of two questions' words
_AGREES = 0.5  # of the shorter of two quotes


def passages_for(questions: int) -> int:
    """Shown to the model at most, whatever it makes of them: so many are paid for."""
    return ceil(questions / EACH / _YIELD) + _AT_ONCE


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What came of it; stands as synth.json beside the questions."""

    out: str
    questions: int
    documents: int
    made_by: Mapping[str, int]
    dropped: Mapping[str, int]  # questions, by what is wrong with them
    seed: int
    made: Provenance


class Sieve:
    """Lets good questions through, up to a number; counts the others by what is wrong."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.kept: list[Made] = []
        self.dropped: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        return len(self.kept) >= self._number

    def take(self, one: Made | str) -> None:
        """A word stands for a question that was found wrong before."""
        if self.full:
            return
        wrong = one if isinstance(one, str) else self._fault(one)
        if isinstance(one, Made) and not wrong:
            self.kept.append(one)
        else:
            self.dropped[wrong] += 1

    def _fault(self, one: Made) -> str:
        again = any(near(one.question, other.question) >= _SAME for other in self.kept)
        return "twice" if again else fault(one.question, one.quote, one.answer, one.passage.where)


async def from_model(
    found: Sequence[Passage],
    sieve: Sieve,
    examiner: Examiner,
    told: Callable[[int], None],
) -> None:
    """Some passages at once, until there are enough questions. `told`: how many there are."""
    for first in range(0, len(found), _AT_ONCE):
        some = found[first : first + _AT_ONCE]
        for written in await asyncio.gather(*(_written(one, examiner) for one in some)):
            for one in written:
                sieve.take(one)
        told(len(sieve.kept))
        if sieve.full:
            return


async def _written(passage: Passage, examiner: Examiner) -> list[Made | str]:
    """Questions about it that it answers; a word for each that is none."""
    drafts = await examiner.write_questions(passage.where, passage.text, EACH)
    return list(await asyncio.gather(*(_checked(passage, draft, examiner) for draft in drafts)))


async def _checked(passage: Passage, draft: Draft, examiner: Examiner) -> Made | str:
    """The round trip: who sees the passage and the question finds the same words again."""
    place = located(draft.quote, passage.text)
    if place is None:
        return "misquoted"
    if wrong := fault(draft.question, draft.quote, draft.answer, passage.where):
        return wrong
    again = await examiner.find_answer(draft.question, passage.where, passage.text)
    found = located(again, passage.text)
    if found is None or overlap(place, found) < _AGREES:
        return "unanswered"
    made_by = f"{examiner.chat.name} {QUESTIONS}"
    return Made(passage, draft.question.strip(), *place, made_by, draft.answer.strip())


def save(out: Path, sieve: Sieve, documents: int, seed: int) -> Synthesis:
    lines = "".join(f"{one.line}\n" for one in sieve.kept)
    (out / "questions.jsonl").write_text(lines, encoding="utf-8")
    done = Synthesis(
        out=str(out),
        questions=len(sieve.kept),
        documents=documents,
        made_by=Counter(one.made_by for one in sieve.kept),
        dropped=sieve.dropped,
        seed=seed,
        made=provenance.made({}),
    )
    (out / "synth.json").write_bytes(to_json(done))
    return done
