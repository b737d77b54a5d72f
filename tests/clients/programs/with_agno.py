"""agno's toolkits for SearXNG and Tavily."""

import json

from agno.tools.searxng import Searxng
from agno.tools.tavily import TavilyTools
from report import BASE, QUERY, SAID, URL, worked

searxng = Searxng(host=BASE, engines=["bing"])
for search in (searxng.search_web, searxng.science_search):
    first = json.loads(search(QUERY, max_results=1))["results"][0]
    assert first["url"] == URL, first
    assert SAID in first["content"]
worked("agno", "Searxng.search_web, .science_search", "GET /search")

tavily = TavilyTools(api_key="none", api_base_url=BASE, format="json")
found = json.loads(tavily.web_search_using_tavily(QUERY, max_results=2))
assert found["results"][0]["url"] == URL, found
worked("agno", "TavilyTools.web_search_using_tavily", "POST /search")
