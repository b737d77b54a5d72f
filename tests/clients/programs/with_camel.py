"""CAMEL's toolkit for SearXNG."""

from camel.toolkits import SearxNGToolkit
from report import BASE, FIRST, QUERY, SAID, URL, worked

toolkit = SearxNGToolkit(searxng_host=BASE, time_range=None)
[first, *_] = toolkit.search(QUERY, num_results=2, category="science")
assert (first["title"], first["link"]) == (FIRST, URL), first
assert SAID in first["snippet"]
worked("camel-ai", "SearxNGToolkit.search", "GET /search")
