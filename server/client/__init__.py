"""How does a program ask a Stepwell server?

    with Client("127.0.0.1:50051") as client:
        ranking = client.search("is boiled water safe to drink", k=5)

    async with AsyncClient("127.0.0.1:50051") as client:
        async for place, outcome in client.stream_search(queries): ...

Answers are the domain types that an index in process gives. They are exported here, so that a program needs this module
only. A batch of any size is split into calls that a server takes and whose replies fit.

- blocking, asynchronous  the two clients: nothing but how to wait
- conversations           what is asked and what the replies mean, the same for both
- table, worker           conversations about the authority table, and with the operator's end of a server
- streaming               a batch whose outcomes come one by one, and go on after a break
- batches                 a batch of any size cut into calls
- asking                  options of queries and of calls
- retries                 when a call is made again, and when no more
- refusal                 why a call got no reply
- methods                 the calls of the contract
- access                  keys, TLS, channels
"""

from indexer.document import Document
from ranker.overlay import Overlay
from ranker.query import Filters, Query
from ranker.ranking import Failure, Fetched, Hit, Outcome, PassageHit, Ranking, Status, Terms, Trust
from server.client.access import Access
from server.client.asking import Asking, QueryOptions
from server.client.asynchronous import AsyncClient
from server.client.blocking import Client
from server.client.retries import Retries
from server.errors import ServerError, ServerUnreachable
from server.part import Match, Part, Reading

__all__ = [
    "Access",
    "Asking",
    "AsyncClient",
    "Client",
    "Document",
    "Failure",
    "Fetched",
    "Filters",
    "Hit",
    "Match",
    "Outcome",
    "Overlay",
    "Part",
    "PassageHit",
    "Query",
    "QueryOptions",
    "Ranking",
    "Reading",
    "Retries",
    "ServerError",
    "ServerUnreachable",
    "Status",
    "Terms",
    "Trust",
]
