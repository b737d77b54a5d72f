"""Strands Agents' client of an MCP server."""

from mcp.client.streamable_http import streamable_http_client
from report import BASE, QUERY, SAID, URL, worked
from strands.tools.mcp import MCPClient

with MCPClient(lambda: streamable_http_client(f"{BASE}/mcp")) as client:
    assert {tool.tool_name for tool in client.list_tools_sync()} == {"search", "fetch"}
    assert URL in str(client.call_tool_sync("1", "search", {"query": QUERY}))
    assert SAID in str(client.call_tool_sync("2", "fetch", {"id": "tiny:0"}))
worked("strands-agents", "MCPClient.call_tool_sync: search, fetch", "POST /mcp")
