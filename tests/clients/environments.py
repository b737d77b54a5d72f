"""Which client packages are tried, each in an environment of its own?

    python -m tests.clients.environments          # makes them all, beforehand

Environments are kept in the user's cache and made again only where the list below changed. The project's own has nothing of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stepwell-clients"
"""One folder per environment."""
PACKAGES: dict[str, tuple[str, ...]] = {
    "langchain": ("langchain-community",),
    "tavily": ("tavily-python",),
    "smolagents": ("smolagents[mcp]", "mcp<2"),
    "gpt_researcher": ("gpt-researcher",),
    "langchain_tavily": ("langchain-tavily",),
    "mcp": ("mcp>=2",),
    "mcp_1": ("mcp<2",),
    "langchain_mcp": ("langchain-mcp-adapters",),
    "fastmcp": ("fastmcp",),
    "grpc_requests": ("grpc-requests",),
    "agno": ("agno", "tavily-python", "httpx"),
    "camel": ("camel-ai", "mcp<2"),
    "crewai": ("crewai-tools",),
    "llama_index": ("llama-index-tools-mcp",),
    "openai_agents": ("openai-agents",),
    "pydantic_ai": ("pydantic-ai-slim[tavily,mcp]",),
    "haystack": ("haystack-ai", "mcp-haystack", "tavily-haystack"),
    "strands": ("strands-agents",),
    "exa": ("exa-py",),
    "requests": ("requests",),
}
"""What is installed for each program `programs/with_NAME.py`."""
NODE_PACKAGES: dict[str, tuple[str, ...]] = {
    "node": ("@agentic/searxng", "@agentic/serper", "@modelcontextprotocol/sdk", "@tavily/core", "mcp-searxng"),
}
"""What is installed for each program `programs/with_NAME.mjs`."""
NAMES = (*PACKAGES, *NODE_PACKAGES)
SECONDS = 600
"""The largest, gpt-researcher's and CrewAI's, bring a gigabyte."""


class Unavailable(Exception):
    """An environment cannot be made here; the message says why."""


def python(name: str) -> Path:
    """The interpreter of an environment, made if need be. Raises Unavailable."""
    folder = CACHE / name
    mark = folder / "packages"
    wanted = "\n".join(PACKAGES[name])
    if mark.is_file() and mark.read_text() == wanted:
        return folder / "bin" / "python"
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        raise Unavailable("uv is not installed; it makes the environments")
    shutil.rmtree(folder, ignore_errors=True)
    make = [uv, "venv", "--quiet", "--python", sys.executable, str(folder)]
    install = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *PACKAGES[name]]
    for command in (make, install):
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        if done.returncode:
            raise Unavailable(f"{' '.join(PACKAGES[name])} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    mark.write_text(wanted)
    return folder / "bin" / "python"


if __name__ == "__main__":
    for environment in PACKAGES:
        print(python(environment))
