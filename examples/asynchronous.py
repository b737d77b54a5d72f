"""How does an asynchronous program ask a Stepwell server?

python examples/asynchronous.py 127.0.0.1:50051 "is boiled water safe to drink" "why do brakes squeal"
"""

from __future__ import annotations

import asyncio
import sys

from server.client import AsyncClient, Failure, Part, Ranking, ServerError


async def ask(address: str, texts: list[str]) -> int:
    """Print what is found for each text as soon as it is known, then read on in the best document."""
    best = ""
    async with AsyncClient(address, timeout=10) as client:
        async for place, outcome in client.stream_search(texts, k=3, passages=1):
            if isinstance(outcome, Failure):  # of this query alone
                print(f"{texts[place]}: {outcome.message}")
                continue
            print(f"{texts[place]} (snapshot {outcome.snapshot}, authority {outcome.authority_version})")
            for hit in outcome.hits:
                print(f"  {hit.rank} {hit.score:6.2f} {hit.authority.tier or 'unlisted':<12} {hit.title}")
            best = best or _best(outcome)
        if best:
            [reading] = await client.read([Part(best, find="water")])
            print(f"{best}: {reading}"[:200])
    return 0


def _best(ranking: Ranking) -> str:
    return ranking.hits[0].doc_id if ranking.hits else ""


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(ask(sys.argv[1], sys.argv[2:])))
    except ServerError as error:  # of the whole: nobody answers, the key is wrong ...
        sys.exit(str(error))
