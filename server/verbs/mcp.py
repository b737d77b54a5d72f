"""The verb `stepwell server mcp`: tools over standard input and output, from an index or from a running server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from server.verbs.connecting import access_of, add_server

EXAMPLE = """example, in an agent's configuration:
  {"mcpServers": {"stepwell": {"command": "stepwell", "args": ["server", "mcp", "--index", "/srv/index"]}}}

Over HTTP the same tools answer at /mcp and /mcp/browsecomp of stepwell server run --http."""


def add(verbs: Any) -> None:
    """Describe it."""
    mcp = verbs.add_parser(
        "mcp", help="tools for an agent, over standard input and output", epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add_server(mcp)
    mcp.add_argument("--index", type=Path, metavar="DIR", help="answer from this index instead of a server")
    mcp.add_argument("--authority", metavar="FILE|sample|off", help="with --index: default: your own table, else the shipped one")
    mcp.add_argument(
        "--shape", choices=("research", "browsecomp"), default="research",
        help="search and fetch, or search and get_document of BrowseComp-Plus (default research)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Answer until the client closes our input."""
    from server.errors import ServerError

    try:
        from server.mcp.stdio import Threaded
        from server.mcp.stdio import run as answer
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise ServerError("the tools need a package that is not installed; run: pip install 'stepwell[mcp]'") from None

    if args.index:
        from ranker.search import Searcher

        with Searcher.open(args.index, authority=args.authority) as searcher:
            return answer(Threaded(searcher.search, searcher.fetch), args.shape)
    from server.client import Client

    with Client(args.server, access=access_of(args)) as client:
        return answer(Threaded(client.batch_search, client.fetch), args.shape)
