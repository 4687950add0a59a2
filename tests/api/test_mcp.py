"""MCP over HTTP, driven by the SDK's own client, with the same keys as everything else."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

from tests.api.keyed import ROOT, Keyed, bearer, serving_keys

QUESTION = "How long are backups kept?"


@pytest.fixture(scope="module")
def keyed(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    with serving_keys(handbook_data, tmp_path_factory.mktemp("mcp")) as found:
        yield found


@asynccontextmanager
async def connected(keyed: Keyed, secret: str = ROOT) -> AsyncIterator[Client]:
    url = f"{keyed.client.base_url}/mcp"
    async with (
        httpx2.AsyncClient(headers=bearer(secret), trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


def new_key(keyed: Keyed, **body: object) -> str:
    made = keyed.client.post("/v1/keys", json=body, headers=bearer(ROOT))
    secret: str = made.json()["secret"]
    return secret


def words(said: CallToolResult) -> str:
    (content,) = said.content
    assert isinstance(content, TextContent)
    return content.text


async def test_there_are_three_tools_that_only_read(keyed: Keyed) -> None:
    async with connected(keyed) as client:
        tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == ["search", "ask", "read_document"]
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)


async def test_ask_gives_an_answer_with_citations(keyed: Keyed) -> None:
    async with connected(keyed) as client:
        said = (await client.call_tool("ask", {"question": QUESTION})).structured_content
    assert "35 days" in said["answer"]
    assert said["citations"][0]["source"] == "backups.md"


async def test_search_gives_passages(keyed: Keyed) -> None:
    async with connected(keyed) as client:
        said = await client.call_tool("search", {"question": QUESTION, "limit": 2})
    assert said.structured_content["passages"][0]["source"] == "backups.md"
    assert len(said.structured_content["passages"]) == 2


async def test_a_passage_leads_to_its_document(keyed: Keyed) -> None:
    async with connected(keyed) as client:
        found = await client.call_tool("search", {"question": QUESTION, "limit": 1})
        id_ = found.structured_content["passages"][0]["document_id"]
        read = await client.call_tool("read_document", {"document": id_, "length": 300})
    assert read.structured_content["source"] == "backups.md"
    assert "Backups are kept for 35 days" in read.structured_content["text"]


async def test_what_structured_content_says_stands_in_the_text_as_well(keyed: Keyed) -> None:
    async with connected(keyed) as client:
        said = await client.call_tool("ask", {"question": QUESTION})
    assert "35 days" in words(said)


@pytest.mark.parametrize(
    ("tool", "arguments", "word"),
    [
        ("ask", {}, "question"),
        ("ask", {"question": QUESTION, "colection": "x"}, "colection"),
        ("ask", {"question": QUESTION, "collection": "no/name"}, "collection"),
        ("search", {"question": QUESTION, "limit": 0}, "limit"),
        ("search", {"question": QUESTION, "filter": {"year": {"near": 3}}}, "near"),
        ("read_document", {"document": "none.md"}, "none.md"),
        ("delete", {}, "read_document"),
    ],
    ids=["nothing", "a typo", "no name", "a limit", "a filter", "no document", "no tool"],
)
async def test_a_wrong_call_says_what_is_wrong(
    keyed: Keyed, tool: str, arguments: dict[str, object], word: str
) -> None:
    async with connected(keyed) as client:
        said = await client.call_tool(tool, arguments)
    assert said.is_error
    assert word in words(said)


@pytest.mark.parametrize("headers", [{}, bearer("fb_unknown")], ids=["none", "unknown"])
def test_without_a_known_key_there_is_no_mcp(keyed: Keyed, headers: dict[str, str]) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    assert keyed.client.post("/mcp", json=body, headers=headers).status_code == 401


async def test_a_key_without_the_scope_calls_no_tool(keyed: Keyed) -> None:
    async with connected(keyed, new_key(keyed, name="uploader", scopes=["ingest"])) as client:
        said = await client.call_tool("ask", {"question": QUESTION})
    assert said.is_error
    assert "scope ask" in words(said)


async def test_calls_of_tools_are_counted_as_requests(keyed: Keyed) -> None:
    async with connected(keyed, new_key(keyed, name="few", requests_a_minute=2)) as client:
        first = await client.call_tool("search", {"question": QUESTION, "limit": 1})
        second = await client.call_tool("search", {"question": QUESTION, "limit": 1})
    assert (first.is_error, second.is_error) == (False, True)
    assert "requests a minute" in words(second)
