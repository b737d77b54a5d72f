"""LlamaIndex's tools of an MCP server."""

import asyncio

from llama_index.tools.mcp import BasicMCPClient, McpToolSpec
from report import BASE, QUERY, SAID, URL, worked


async def ask() -> None:
    tools = {tool.metadata.name: tool for tool in await McpToolSpec(client=BasicMCPClient(f"{BASE}/mcp")).to_tool_list_async()}
    assert URL in str(await tools["search"].acall(query=QUERY))
    assert SAID in str(await tools["fetch"].acall(id="tiny:0"))
    worked("llama-index-tools-mcp", "McpToolSpec: search, fetch", "POST /mcp")


asyncio.run(ask())
