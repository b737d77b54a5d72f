"""What clients without a package of their own send: Step-DeepResearch, Search-R1, ASearcher, Open WebUI, Dify."""

import report
import requests

sent = {"query": report.QUERY, "n": 2, "category": "research"}
step = requests.post(f"{report.BASE}/v1/search", json=sent, headers={"Authorization": "Bearer none"}, timeout=30).json()
assert report.SAID in step["results"][0]["content"]
report.worked("requests", "as Step-DeepResearch's client sends", "POST /v1/search")

payload = {"queries": [report.QUERY, "bread"], "topk": 3, "return_scores": True}
results = requests.post(f"{report.BASE}/retrieve", json=payload, timeout=30).json()["result"]
title, text = results[0][0]["document"]["contents"].split("\n", 1)  # as Search-R1 makes its passages
assert (title, len(results)) == (f'"{report.FIRST}"', 2)
assert report.SAID in text
report.worked("requests", "as Search-R1's generation loop sends", "POST /retrieve")

pages = requests.post(f"{report.BASE}/access", json={"urls": [report.URL, "https://nowhere.example/"]}, timeout=30).json()[
    "result"
]
assert report.SAID in pages[0]["contents"]
assert pages[1] is None
report.worked("requests", "as ASearcher's client sends", "POST /access")

params = {
    "q": report.QUERY,
    "format": "json",
    "pageno": 1,
    "safesearch": "1",
    "language": "en-US",
    "time_range": "",
    "categories": "",
}
headers = {"Accept": "text/html", "Accept-Language": "en-US,en;q=0.5", "Connection": "keep-alive"}
more = {"theme": "simple", "image_proxy": 0}
results = requests.get(f"{report.BASE}/search", params=params | more, headers=headers, timeout=30).json()["results"]
first = max(results, key=lambda hit: hit.get("score", 0))
assert (first["url"], first["title"]) == (report.URL, report.FIRST)
assert report.SAID in first["content"]
report.worked("requests", "as Open WebUI's SearXNG provider sends", "GET /search")

payload = {"query": report.QUERY, "count": 2}
links = requests.post(
    f"{report.BASE}/open-webui/search", json=payload, headers={"Authorization": "Bearer none"}, timeout=30
).json()
assert (links[0]["link"], links[0]["title"]) == (report.URL, report.FIRST)
assert report.SAID in links[0]["snippet"]
report.worked("requests", "as Open WebUI's external provider sends", "POST /open-webui/search")

params = {"q": report.QUERY, "format": "json", "categories": "general", "engines": "bing", "time_range": "None"}
results = requests.get(report.BASE, params=params, timeout=30).json()["results"]
assert results[0]["url"] == report.URL
report.worked("requests", "as Dify's SearXNG tool sends", "GET /")
