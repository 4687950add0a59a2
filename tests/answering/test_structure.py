"""Answers of a schema: read, asked for once more, refused, cut; and what of them is found."""

import json

import pytest

from answering.structure import Shaped, shaped, wanted
from domain.completion import ChatRequest, Completion, FinishReason
from domain.errors import InvalidInput
from gateway.chat.extractive import Extractive
from prompts.compose import compose
from tests.gateway.policy.scripted import USAGE, Scripted, Step
from tests.retrieval.test_search import Compass

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"days": {"type": "integer"}, "why": {"type": "string"}},
        "required": ["days", "why"],
    }
)
REQUEST = ChatRequest(compose("How long are backups kept?", []))
FITS = '{"days": 35, "why": "The policy says so [1]."}'


def says(text: str, finish: FinishReason = "stop") -> list[Step]:
    return [Completion(text, finish, "scripted", USAGE, 7)]


async def test_what_fits_is_parsed() -> None:
    found = await shaped(REQUEST, SCHEMA, Scripted(says(FITS)))
    assert (found.outcome, found.parsed) == ("parsed", json.loads(FITS))
    assert found.completion.text == FITS


async def test_the_schema_stands_in_the_prefix() -> None:
    model = Scripted(says(FITS))
    await shaped(REQUEST, SCHEMA, model)
    schema = model.asked[0].prompt.schema
    assert schema is not None
    assert json.loads(schema.schema)["additionalProperties"] is False
    assert model.asked[0].prompt.prefix == REQUEST.prompt.prefix


async def test_what_does_not_fit_is_asked_for_once_more_and_both_are_paid_for() -> None:
    model = Scripted(says('{"days": "many"}'), says(FITS))
    found = await shaped(REQUEST, SCHEMA, model)
    assert (found.outcome, found.completion.cost_microdollars) == ("parsed", 14)
    *_, said, repair = model.asked[1].prompt.tail
    assert (said.role, said.text) == ("assistant", '{"days": "many"}')
    assert "What is wrong with it: days: 'many' is not of type 'integer'" in repair.text
    assert model.asked[1].prompt.prefix_fingerprint == model.asked[0].prompt.prefix_fingerprint


OTHERWISE: dict[str, tuple[list[list[Step]], str, str]] = {
    "refused": ([says("I cannot.", "refusal")], "refused", ""),
    "incomplete": ([says('{"days"', "length")], "incomplete", "1,024 tokens were not enough"),
    "invalid": ([says("35"), says("35 days")], "invalid", "it is no JSON"),
}


@pytest.mark.parametrize(("calls", "outcome", "fault"), OTHERWISE.values(), ids=OTHERWISE)
async def test_what_cannot_be_read_has_an_outcome_of_its_own(
    calls: list[list[Step]], outcome: str, fault: str
) -> None:
    found = await shaped(REQUEST, SCHEMA, Scripted(*calls))
    assert (found.outcome, found.parsed) == (outcome, None)
    assert fault in found.fault


async def test_who_can_keep_to_no_schema_refuses_it() -> None:
    with pytest.raises(InvalidInput, match="fit no schema") as caught:
        await shaped(REQUEST, SCHEMA, Extractive(Compass()))
    assert caught.value.field == "response_schema"


def test_a_number_in_a_list_cites_nothing() -> None:
    found = Shaped(a_completion('{"years": [1], "why": "So [2]."}'), "parsed", {"why": "So [2]."})
    assert found.said == "So [2]."


MISSED: dict[str, tuple[object, bool]] = {
    "nothing is there": ({"answer": "Not in these documents.", "days": None}, False),
    "a part is": ({"answer": "Not in these documents.", "more": "Ask HR [1]."}, True),
    "no texts": ({"days": 35}, True),
}


@pytest.mark.parametrize(("value", "found"), MISSED.values(), ids=MISSED)
def test_data_says_that_it_is_not_there_in_all_its_texts(value: object, found: bool) -> None:
    assert Shaped(a_completion(json.dumps(value)), "parsed", value).found is found


def test_a_refusal_found_nothing() -> None:
    assert not Shaped(a_completion("I cannot.", "refusal"), "refused").found


WRONG = {
    "no JSON": ("{", "no JSON"),
    "no object": ("[]", "no JSON object"),
    "no schema": ('{"type": "object", "properties": {"a": {"type": "text"}}}', "no JSON schema"),
    "not strict": ('{"type": "object", "additionalProperties": true}', "strictly"),
    "a list": ('{"type": "array", "items": {"type": "string"}}', "the root is not an object"),
}


@pytest.mark.parametrize(("schema", "says"), WRONG.values(), ids=WRONG)
def test_a_schema_that_no_model_can_be_held_to_is_refused(schema: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        wanted(schema)
    assert caught.value.field == "response_schema"


def a_completion(text: str, finish: FinishReason = "stop") -> Completion:
    return Completion(text, finish, "scripted", USAGE, 7)
