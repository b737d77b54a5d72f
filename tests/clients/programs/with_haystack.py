"""Haystack's tools of an MCP server, and its web search by Tavily."""

import os

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["TAVILY_API_KEY"] = "none"

from haystack_integrations.components.websearch.tavily import TavilyWebSearch
from haystack_integrations.tools.mcp import MCPToolset, StreamableHttpServerInfo
from report import BASE, QUERY, SAID, URL, worked
from tavily import TavilyClient

tools = {tool.name: tool for tool in MCPToolset(StreamableHttpServerInfo(url=f"{BASE}/mcp"), eager_connect=True)}
assert URL in str(tools["search"].invoke(query=QUERY))
assert SAID in str(tools["fetch"].invoke(id="tiny:0"))
worked("mcp-haystack", "MCPToolset: search, fetch", "POST /mcp")

search = TavilyWebSearch(top_k=3)
search.warm_up()
search._tavily_client = TavilyClient("none", api_base_url=BASE)  # it has no parameter for the address
found = search.run(query=QUERY)
assert found["links"][0] == URL
assert found["documents"][0].content
worked("tavily-haystack", "TavilyWebSearch.run", "POST /search")
