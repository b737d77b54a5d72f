"""CrewAI's tools for Serper and Brave."""

import json
import os

os.environ["CREWAI_DISABLE_TELEMETRY"] = os.environ["OTEL_SDK_DISABLED"] = "true"
os.environ["SERPER_API_KEY"] = os.environ["BRAVE_API_KEY"] = "none"

from crewai_tools import BraveSearchTool, SerperDevTool
from report import BASE, QUERY, SAID, URL, worked

for path in ("", "/serper"):
    found = SerperDevTool(base_url=BASE + path, n_results=2).run(search_query=QUERY)
    assert found["organic"][0]["link"] == URL, found
    assert SAID in found["organic"][0]["snippet"]
    worked("crewai-tools", "SerperDevTool.run", f"POST {path}/search")

for path in ("/res/v1/web/search", "/brave/search"):
    found = BraveSearchTool(search_url=BASE + path, n_results=2).run(q=QUERY, count=2)
    text = found if isinstance(found, str) else json.dumps(found)
    assert URL in text, text
    worked("crewai-tools", "BraveSearchTool.run", f"GET {path}")
