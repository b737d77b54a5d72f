"""Pydantic AI's tool for Tavily, and its toolset of an MCP server."""

import asyncio

from pydantic_ai.common_tools.tavily import tavily_search_tool
from pydantic_ai.mcp import MCPToolset
from report import BASE, QUERY, SAID, URL, worked
from tavily import AsyncTavilyClient


async def ask() -> None:
    tool = tavily_search_tool(client=AsyncTavilyClient("none", api_base_url=BASE))
    [first, *_] = await tool.function(QUERY)
    assert first["url"] == URL, first
    worked("pydantic-ai-slim", "tavily_search_tool", "POST /search")

    async with MCPToolset(f"{BASE}/mcp") as tools:
        assert {tool.name for tool in await tools.list_tools()} == {"search", "fetch"}
        assert URL in str(await tools.direct_call_tool("search", {"query": QUERY}))
        assert SAID in str(await tools.direct_call_tool("fetch", {"id": "tiny:0"}))
    worked("pydantic-ai-slim", "MCPToolset.direct_call_tool: search, fetch", "POST /mcp")


asyncio.run(ask())
