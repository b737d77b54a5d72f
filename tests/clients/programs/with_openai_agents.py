"""The OpenAI Agents SDK's MCP server over streamable HTTP."""

import asyncio

from agents.mcp import MCPServerStreamableHttp
from report import BASE, QUERY, SAID, URL, worked


async def ask() -> None:
    async with MCPServerStreamableHttp(params={"url": f"{BASE}/mcp"}) as server:
        assert {tool.name for tool in await server.list_tools()} == {"search", "fetch"}
        assert URL in str((await server.call_tool("search", {"query": QUERY})).content)
        assert SAID in str((await server.call_tool("fetch", {"id": URL})).content)
    worked("openai-agents", "MCPServerStreamableHttp.call_tool: search, fetch", "POST /mcp")


asyncio.run(ask())
