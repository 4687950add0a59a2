"""The measures of one answer. A measure is left out where it has no meaning.

Answered           of what can be answered: 1 when it was
Abstain R          of what cannot be answered: 1 when the answer says so
Abstain P          of "not in these documents": 1 when that is so
Answer F1          tokens shared with the best right answer; 0 when there was no answer
Contains           1 when a right answer stands in it, word for word
Cite P             share of an answer's citations whose words support their statement
Cite R             share of its statements that are supported by what they cite
Cite gold          share of its citations of documents that are judged relevant
Judged …           the same by a model; Judged right: 1, ½ when partly, 0
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from answering.claims import Claim, claims
from answering.examine import Examiner
from domain.answers import Answer, Citation
from eval.answers_gold import Gold
from eval.answers_measures import contains, supported, token_f1
from eval.words import content, dice

_RIGHT = {"right": 1.0, "partly": 0.5, "wrong": 0.0}
Verdicts = Sequence[bool | None]  # None: there is none


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said, with the words cited for it. `whole`: by all of its citations together."""

    text: str
    cited: str
    whole: bool
    single: bool


def scores(answer: Answer, gold: Gold, relevant: frozenset[str]) -> dict[str, float]:
    measured = dict(_decision(answer, gold))
    if gold.answers:
        said = answer.text if answer.found else ""
        measured["Answer F1"] = token_f1(said, gold.answers)
        measured["Contains"] = contains(said, gold.answers)
    if answer.found:
        asked = statements(answer)
        verdicts = [supported(one.text, one.cited, answer.question) for one in asked]
        measured |= citation_scores(asked, verdicts)
        if relevant and answer.citations:
            right = [citation.source in relevant for citation in answer.citations]
            measured["Cite gold"] = sum(right) / len(right)
    return measured


async def judged(answer: Answer, gold: Gold, examiner: Examiner) -> tuple[dict[str, float], int]:
    """And how many verdicts the model did not give."""
    if not answer.found:
        return ({"Judged right": 0.0} if gold.answers else {}), 0
    asked = statements(answer)
    cited = [one for one in asked if one.cited]
    said = await examiner.judge_support(answer.question, [(one.text, one.cited) for one in cited])
    known = dict(zip(cited, said, strict=True))
    verdicts = [known.get(one, False) for one in asked]
    measured = {f"Judged {k}": v for k, v in citation_scores(asked, verdicts).items()}
    missing = verdicts.count(None)
    if gold.answers:
        verdict = await examiner.judge_answer(answer.question, gold.answers, answer.text)
        if verdict is None:
            missing += 1
        else:
            measured["Judged right"] = _RIGHT[verdict]
    return measured, missing


def citation_scores(asked: Sequence[Statement], verdicts: Verdicts) -> dict[str, float]:
    pairs = [(one, verdict) for one, verdict in zip(asked, verdicts, strict=True)]
    single = [verdict for one, verdict in pairs if one.single and verdict is not None]
    whole = [verdict for one, verdict in pairs if one.whole and verdict is not None]
    measured = {"Cite P": sum(single) / len(single)} if single else {}
    return measured | ({"Cite R": sum(whole) / len(whole)} if whole else {})


def statements(answer: Answer) -> list[Statement]:
    """Each claim with each of its citations, and with all of them."""
    return [one for claim in claims(answer.text) for one in _of(claim, answer.citations)]


def _of(claim: Claim, citations: Sequence[Citation]) -> Iterator[Statement]:
    cited = [_words(claim, label, citations) for label in claim.labels]
    known = [words for words in cited if words]
    for words in known:
        yield Statement(claim.text, words, whole=len(known) == 1, single=True)
    if len(known) != 1:
        yield Statement(claim.text, "\n\n".join(known), whole=True, single=False)


def _words(claim: Claim, label: int, citations: Sequence[Citation]) -> str:
    """Of the citations of this number, the one nearest to what is said, under its headings."""
    wanted = content(claim.text)
    found = max(
        (citation for citation in citations if citation.label == label),
        key=lambda citation: dice(wanted, content(citation.quote)),
        default=None,
    )
    return "\n".join((found.title, *found.headings, found.quote)) if found else ""


def _decision(answer: Answer, gold: Gold) -> Iterator[tuple[str, float]]:
    yield ("Answered" if gold.answerable else "Abstain R"), float(answer.found == gold.answerable)
    if not answer.found:
        yield "Abstain P", float(not gold.answerable)
