"""Exa's own client."""

from exa_py import Exa
from report import BASE, FIRST, QUERY, SAID, URL, worked

exa = Exa("none", base_url=f"{BASE}/exa")
[hit, *_] = exa.search(QUERY, num_results=3).results
assert (hit.url, hit.title) == (URL, FIRST)
assert SAID in hit.text
assert not exa.search(QUERY, include_domains=["nowhere.example"]).results
worked("exa-py", "Exa.search", "POST /exa/search")
[page] = exa.get_contents([URL]).results
assert SAID in page.text
worked("exa-py", "Exa.get_contents", "POST /exa/contents")
