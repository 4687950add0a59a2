"""An answer has the measures that make sense for it, and no others."""

from dataclasses import replace

import pytest

from answering.examine import Examiner
from domain.answers import NOT_FOUND, Answer, Citation
from domain.completion import Usage
from eval.answers_gold import Gold
from eval.answers_score import judged, scores
from eval.measures import means
from tests.answering.test_understand import Scripted

QUOTE = "Backups are kept for 35 days."


def a_citation(label: int = 1, quote: str = QUOTE, source: str = "backups.md") -> Citation:
    return Citation(label, "d", source, "Backups", (), None, quote, 0, len(quote))


def an_answer(text: str = "They are kept for 35 days [1].", *citations: Citation) -> Answer:
    return Answer(
        id="a",
        question="How long are backups kept?",
        text=text,
        found=text != NOT_FOUND,
        finish="stop",
        citations=citations or (a_citation(),),
        shown=(),
        dropped=(),
        model="m",
        prompt_version="answer/v1",
        prefix_fingerprint="",
        usage=Usage(),
        cost_microdollars=0,
        times=(),
    )


GOLD = Gold(("35 days",))
RELEVANT = frozenset({"backups.md"})


def test_a_right_and_cited_answer_has_all_of_it() -> None:
    found = scores(an_answer(), GOLD, RELEVANT)
    assert {name: found[name] for name in found if name != "Answer F1"} == {
        "Answered": 1.0,
        "Contains": 1.0,
        "Cite P": 1.0,
        "Cite R": 1.0,
        "Cite gold": 1.0,
    }


def test_a_statement_without_a_number_lowers_the_recall_alone() -> None:
    found = scores(an_answer("Kept for 35 days [1]. Monkeys eat bananas."), GOLD, RELEVANT)
    assert (found["Cite P"], found["Cite R"]) == (1.0, 0.5)


def test_a_citation_that_does_not_support_lowers_the_precision_alone() -> None:
    wrong = a_citation(2, "Bananas are yellow.", "fruit.md")
    answer = an_answer("Backups are kept for 35 days [1][2].", a_citation(), wrong)
    found = scores(answer, GOLD, RELEVANT)
    assert (found["Cite P"], found["Cite R"], found["Cite gold"]) == (0.5, 1.0, 0.5)


def test_a_number_that_was_not_shown_supports_nothing() -> None:
    found = scores(an_answer("Kept for 35 days [7]."), GOLD, frozenset())
    assert "Cite P" not in found
    assert found["Cite R"] == 0.0


def test_not_answering_what_can_be_answered_is_worth_nothing() -> None:
    found = scores(an_answer(NOT_FOUND), GOLD, RELEVANT)
    assert found == {"Answered": 0.0, "Abstain P": 0.0, "Answer F1": 0.0, "Contains": 0.0}


def test_not_answering_what_cannot_be_answered_is_right() -> None:
    found = scores(an_answer(NOT_FOUND), Gold(answerable=False), frozenset())
    assert found == {"Abstain R": 1.0, "Abstain P": 1.0}


def test_answering_what_cannot_be_answered_is_wrong() -> None:
    assert scores(an_answer(), Gold(answerable=False), frozenset())["Abstain R"] == 0.0


def test_a_mean_is_over_the_questions_that_have_the_measure() -> None:
    assert means([{"a": 1.0}, {"a": 0.0, "b": 1.0}]) == {"a": 0.5, "b": 1.0}


@pytest.mark.parametrize(
    ("says", "measures", "missing"),
    [
        (
            ('{"1": "yes", "2": "no"}', '{"verdict": "partly"}'),
            {"Judged Cite P": 0.5, "Judged Cite R": 0.5, "Judged right": 0.5},
            0,
        ),
        (("what?", "what?"), {}, 3),
    ],
    ids=["verdicts", "none that can be read"],
)
async def test_a_model_s_verdicts_stand_beside(
    says: tuple[str, ...], measures: dict[str, float], missing: int
) -> None:
    answer = an_answer("Kept for 35 days [1]. Only in Bern [1].")
    assert await judged(answer, GOLD, Examiner(Scripted(*says), "acme")) == (measures, missing)


async def test_a_statement_without_citation_is_not_sent_to_the_model() -> None:
    answer = replace(an_answer("Kept for 35 days. Only in Bern."), citations=())
    found, _ = await judged(answer, Gold(), Examiner(Scripted(), "acme"))
    assert found == {"Judged Cite R": 0.0}
