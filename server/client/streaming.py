"""How does a batch come one outcome at a time, and go on after a break?

Every query is answered once. Where the connection breaks, what was not answered yet is asked for again; the wordings of one
question are never parted, so some of them may be answered twice, and the caller sees the first.
"""

from __future__ import annotations

from collections.abc import Sequence

from protos.stepwell.v1 import search_pb2 as pb
from ranker.query import Query
from ranker.ranking import Failure, Outcome
from server.client.asking import Asking, QueryOptions, as_query, batch, search_request
from server.client.batches import calls_of_queries
from server.client.methods import BATCH_SEARCH_STREAM, Call
from server.wire.failure import refusal
from server.wire.ranking import outcome_from_proto

Placed = tuple[int, Outcome]
"""An outcome with the place of its query in the batch."""


class Streaming:
    """One batch. Make the call that `call` gives, `take` its parts, and `end` it; until there is none."""

    def __init__(self, queries: Sequence[Query | str], options: QueryOptions, asking: Asking) -> None:
        self._asking = asking
        asked = [as_query(query, options) for query in batch(queries, "queries")]
        self.refused: list[Placed] = [(place, item) for place, item in enumerate(asked) if isinstance(item, Failure)]
        """What no server needs to be asked for."""
        self._queries = {place: item for place, item in enumerate(asked) if isinstance(item, Query)}
        self._left = dict.fromkeys(self._queries)
        places = list(self._queries)
        bundles = calls_of_queries(list(self._queries.values()))
        self._calls = [[[places[number] for number in bundle] for bundle in call] for call in bundles]
        self._sent: list[int] = []

    def call(self) -> Call[pb.BatchSearchPart] | None:
        """The call that asks for what is not known, or None."""
        if not self._calls:
            return None
        self._calls[0] = [bundle for bundle in self._calls[0] if any(place in self._left for place in bundle)]
        if not self._calls[0]:
            self._calls.pop(0)
            return self.call()
        self._sent = [place for bundle in self._calls[0] for place in bundle]
        return Call(BATCH_SEARCH_STREAM, search_request([self._queries[place] for place in self._sent], self._asking))

    def take(self, part: pb.BatchSearchPart) -> list[Placed]:
        """The outcome in a part of the reply; nothing if it is known."""
        place = self._sent[part.query]
        if place not in self._left:
            return []
        del self._left[place]
        return [(place, outcome_from_proto(part.outcome, self._queries[place].text))]

    def end(self) -> list[Placed]:
        """The reply has ended; what it did not answer never will be."""
        self._calls.pop(0)
        return self._without("INTERNAL", RuntimeError("the server ended its reply without an outcome for this query"), self._sent)

    def late(self, error: Exception) -> list[Placed]:
        """The deadline has passed for whatever is left."""
        self._calls.clear()
        return self._without("DEADLINE_EXCEEDED", error, list(self._left))

    def _without(self, code: str, error: Exception, places: Sequence[int]) -> list[Placed]:
        missing = [place for place in places if place in self._left]
        for place in missing:
            del self._left[place]
        return [(place, refusal(self._queries[place].text, error, code)) for place in missing]
