"""What a model takes: what is left out with a note, what is refused, what stands for what."""

from dataclasses import replace

import pytest

from domain.completion import ChatRequest
from domain.errors import InvalidInput
from gateway.capabilities import capabilities, fitted
from tests.contracts.chat_model import PROMPT, SCHEMA, WITH_TOOLS

FAMILIES = {
    "gpt-5.4-nano-2026-03-17": "none minimal low medium high xhigh",
    "gpt-5.4": "none minimal low medium high xhigh",
    "gpt-5.4-pro": "medium high xhigh",
    "gpt-5.5": "none minimal low medium high xhigh",
    "gpt-5.5-pro": "medium high xhigh",
    "gpt-5.6-terra": "none minimal low medium high xhigh",
    "gpt-5.1": "none minimal low medium high",
    "gpt-5-mini": "minimal low medium high",
    "gpt-6-astra": "low medium high xhigh",
    "gpt-6-luna": "none minimal low medium high xhigh",
    "o3": "low medium high",
    "o4-mini": "low medium high",
    "gpt-4.1-mini": "",
    "gpt-4o": "",
}


@pytest.mark.parametrize(("model", "efforts"), FAMILIES.items(), ids=FAMILIES)
def test_each_family_takes_its_efforts(model: str, efforts: str) -> None:
    has = capabilities("openai", model)
    assert list(has.efforts) == efforts.split()
    assert has.known


def test_an_effort_that_another_word_stands_for_is_noted() -> None:
    fit = fitted(ChatRequest(PROMPT, effort="minimal"), capabilities("openai", "gpt-5.4"))
    assert fit.effort == "low"
    assert fit.notes == ("Effort 'minimal' is 'low' at gpt-5.4.",)


def test_effort_is_left_out_where_there_is_no_such_setting() -> None:
    fit = fitted(ChatRequest(PROMPT, effort="low"), capabilities("openai", "gpt-4.1"))
    assert fit.effort is None
    assert "no setting of effort" in fit.notes[0]


@pytest.mark.parametrize(("effort", "kept"), [("none", True), ("high", False)])
def test_sampling_is_kept_where_the_model_does_not_reason(effort: str, *, kept: bool) -> None:
    request = ChatRequest(PROMPT, effort=effort, temperature=0.2, top_p=0.5)  # type: ignore[arg-type]
    fit = fitted(request, capabilities("openai", "gpt-5.6-sol"))
    assert (fit.request.temperature is not None) is kept
    assert len(fit.notes) == (0 if kept else 2)


def test_a_schema_that_a_model_cannot_keep_to_is_refused() -> None:
    request = ChatRequest(replace(PROMPT, schema=SCHEMA))
    with pytest.raises(InvalidInput, match="takes no schema") as caught:
        fitted(request, capabilities("openai", "gpt-4-turbo"))
    assert caught.value.field == "schema"


def test_a_model_that_takes_tools_in_one_api_alone_says_so() -> None:
    has = capabilities("openai", "gpt-6-astra")
    assert fitted(WITH_TOOLS, has, "responses").request is WITH_TOOLS
    with pytest.raises(InvalidInput, match="Responses API"):
        fitted(WITH_TOOLS, has, "chat")


def test_a_model_that_nobody_looked_up_is_sent_everything_with_a_note() -> None:
    request = replace(WITH_TOOLS, effort="xhigh", temperature=0.2)
    fit = fitted(request, capabilities("openai", "gpt-9"))
    assert fit.request is request
    assert fit.effort == "xhigh"
    assert "not known" in fit.notes[0]


def test_a_plain_request_has_no_notes_at_an_unknown_model() -> None:
    assert fitted(ChatRequest(PROMPT), capabilities("openai", "gpt-9")).notes == ()


def test_a_gateway_s_prefix_does_not_hide_a_model() -> None:
    assert capabilities("elsewhere", "openai/gpt-5.4").cap == "max_completion_tokens"
    assert capabilities("elsewhere", "meta/llama-4").cap == "max_tokens"
