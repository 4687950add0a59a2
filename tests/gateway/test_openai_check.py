"""Whether a model of the Responses API is there, also where one cannot be asked for by its name."""

import json

import httpx2
import pytest
from openai import AsyncOpenAI

from domain.errors import ModelRejected
from gateway.chat.openai_responses import OpenAIResponses
from tests.provider.script import Reply
from tests.provider.server import Provider

UNKNOWN = Reply(status=404, error="no such path")


def listed(*names: str) -> Reply:
    models = [{"id": n, "object": "model", "created": 0, "owned_by": "tests"} for n in names]
    return Reply(verbatim=json.dumps({"object": "list", "data": models}))


@pytest.fixture
def model(client: AsyncOpenAI) -> OpenAIResponses:
    return OpenAIResponses(client, "llama-4")


async def test_a_model_that_is_found_is_looked_for_nowhere_else(
    model: OpenAIResponses, provider: Provider
) -> None:
    await model.check()
    assert [received.path for received in provider.received] == ["/v1/models/llama-4"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("llama-3", "llama-4"), id="among others"),
        pytest.param(("llama.gguf",), id="the only one, under another name"),
    ],
)
async def test_a_model_that_only_the_list_has_is_there(
    model: OpenAIResponses, provider: Provider, names: tuple[str, ...]
) -> None:
    provider.answer(UNKNOWN, listed(*names))
    await model.check()
    assert [received.path for received in provider.received][1:] == ["/v1/models"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        pytest.param(("llama-3", "qwen"), "llama-3, qwen", id="others"),
        pytest.param((), "none", id="none"),
    ],
)
async def test_a_model_that_the_list_lacks_is_refused_with_what_it_has(
    model: OpenAIResponses, provider: Provider, names: tuple[str, ...], said: str
) -> None:
    provider.answer(UNKNOWN, listed(*names))
    with pytest.raises(ModelRejected, match=f"llama-4 is not among .* there: {said}. Check"):
        await model.check()


async def test_a_server_without_a_list_says_what_to_check(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(UNKNOWN, UNKNOWN)
    with pytest.raises(ModelRejected, match=r"answered 404: no such path.*OPENAI_BASE_URL"):
        await model.check()


async def test_only_a_model_that_is_not_found_is_looked_for_in_the_list(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(status=403, error="not yours"))
    with pytest.raises(ModelRejected, match="not yours"):
        await model.check()
    assert len(provider.received) == 1


class Rerouted(httpx2.AsyncHTTPTransport):
    """Whatever the address, to the provider on loopback."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = httpx2.URL(url)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(scheme="http", host=self._url.host, port=self._url.port)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("host", ["api.openai.com", "eu.api.openai.com"])
async def test_openai_itself_is_believed_that_a_model_is_not_there(
    provider: Provider, host: str
) -> None:
    provider.answer(UNKNOWN, listed("any"))
    async with AsyncOpenAI(
        api_key="sk-test",
        base_url=f"https://{host}/v1",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=Rerouted(provider.url), trust_env=False),
    ) as client:
        with pytest.raises(ModelRejected, match=r"answered 404: no such path.*model's name"):
            await OpenAIResponses(client, "llama-4").check()
    assert len(provider.received) == 1
