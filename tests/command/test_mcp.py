"""`forebay mcp` over stdio, driven by the SDK's own client; alone, and beside a service."""

import sys
from pathlib import Path

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from tests.service import environment, running

QUESTION = "How long are backups kept?"


def started(data: Path, *arguments: str) -> Client:
    command = ["-m", "forebay", "mcp", *arguments]
    return Client(
        StdioServerParameters(command=sys.executable, args=command, env=environment(data))
    )


async def test_it_answers_by_itself(data: Path) -> None:
    async with started(data) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        said = (await client.call_tool("ask", {"question": QUESTION})).structured_content
        read = await client.call_tool("read_document", {"document": "backups.md", "length": 50})
    assert tools == {"search", "ask", "read_document"}
    assert "35 days" in said["answer"]
    assert read.structured_content["text"].startswith("# Backups and restore")


async def test_beside_a_service_it_asks_that(data: Path) -> None:
    with running(data) as service:
        async with started(data) as client:
            said = (await client.call_tool("ask", {"question": QUESTION})).structured_content
        assert 'route="/v1/ask"' in service.get("/metrics").text
    assert "35 days" in said["answer"]


async def test_it_speaks_for_the_tenant_it_is_told(data: Path) -> None:
    async with started(data, "--tenant", "acme") as client:
        said = await client.call_tool("search", {"question": QUESTION})
    assert said.structured_content["passages"] == []
