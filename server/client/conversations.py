"""What is asked of a server, and what do its replies mean?

A conversation gives one call after the other and is sent each reply, or thrown the error in its place; its value is the answer.
How calls are made and waited for is not its concern: the clients differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, TypeVar

from protos.stepwell.v1 import admin_pb2
from protos.stepwell.v1 import search_pb2 as pb
from ranker.query import Query
from ranker.ranking import Failure, Fetched, Outcome, Ranking, Status
from server.client.asking import PLAIN, Asking, QueryOptions, as_query, batch, search_request
from server.client.batches import Answers, calls_of_queries, calls_of_targets
from server.client.methods import ADMIN_STATUS, BATCH_SEARCH, FETCH, SNAPSHOTS, STATUS, Call
from server.errors import DeadlineExceeded, Forbidden, error_of
from server.overview import Overview
from server.part import Part, Reading
from server.wire.document import fetched_from_proto, status_from_proto
from server.wire.failure import refusal
from server.wire.overview import standing_from_proto
from server.wire.part import part_to_proto, reading_from_proto
from server.wire.ranking import outcome_from_proto

Answer = TypeVar("Answer")
Conversation = Generator[Call[Any], Any, Answer]


def batch_search(queries: Sequence[Query | str], options: QueryOptions, asking: Asking = PLAIN) -> Conversation[list[Outcome]]:
    """One outcome per query, in input order; a deadline that passed before it was answered is one, too."""
    asked = [as_query(query, options) for query in batch(queries, "queries")]
    sound = [query for query in asked if isinstance(query, Query)]
    found: Answers[Outcome] = Answers(calls_of_queries(sound))
    for call in found:
        members = [sound[place] for bundle in call for place in bundle]
        found.note(call, (yield from _search(members, asking)))
    answers = iter(found.in_order)
    return [item if isinstance(item, Failure) else next(answers) for item in asked]


def search(text: str, options: QueryOptions, asking: Asking = PLAIN) -> Conversation[Ranking]:
    """The ranking of one query. Raises the ServerError that its failure stands for."""
    [outcome] = yield from batch_search([text], options, asking)
    if isinstance(outcome, Failure):
        raise error_of(outcome.code, outcome.message)
    return outcome


def fetch(targets: Sequence[str], as_of: str = "") -> Conversation[list[Fetched | Failure]]:
    """One whole document per id or URL, or why not, in input order."""
    found: Answers[Fetched | Failure] = Answers(calls_of_targets(len(batch(targets, "targets"))))
    for call in found:
        members = [targets[place] for [place] in call]
        sent = [target.encode("utf-8", "replace").decode() for target in members]
        request = pb.FetchRequest(targets=sent, as_of=as_of)
        outcomes = yield from _outcomes(request, members)
        found.note(call, [one if isinstance(one, Failure) else fetched_from_proto(*one) for one in outcomes])
    return found.in_order


def read(parts: Sequence[Part], as_of: str = "") -> Conversation[list[Reading | Fetched | Failure]]:
    """One part of a document each, or why not, in input order; what is wanted whole comes as Fetched."""
    found: Answers[Reading | Fetched | Failure] = Answers(calls_of_targets(len(batch(parts, "parts"))))
    for call in found:
        members = [parts[place] for [place] in call]
        request = pb.FetchRequest(parts=map(part_to_proto, members), as_of=as_of)
        outcomes = yield from _outcomes(request, [part.target for part in members])
        found.note(call, [one if isinstance(one, Failure) else reading_from_proto(*one) for one in outcomes])
    return found.in_order


def status() -> Conversation[Status]:
    """What the server serves."""
    return status_from_proto((yield Call(STATUS, pb.StatusRequest())))


def overview() -> Conversation[Overview]:
    """What the server serves and, where the key opens it, how it is."""
    reply: pb.StatusResponse = yield Call(STATUS, pb.StatusRequest())
    served = status_from_proto(reply)
    names = tuple(reply.categories), tuple(reply.profiles)
    try:
        standing: admin_pb2.AdminStatusResponse = yield Call(ADMIN_STATUS, admin_pb2.AdminStatusRequest())
        kept: admin_pb2.SnapshotsResponse = yield Call(SNAPSHOTS, admin_pb2.SnapshotsRequest())
    except Forbidden as error:
        return Overview(served, reply.release, None, str(error), *names)
    return Overview(served, reply.release, standing_from_proto(standing, kept), "", *names)


def _search(queries: Sequence[Query], asking: Asking) -> Conversation[list[Outcome]]:
    try:
        reply: pb.BatchSearchResponse = yield Call(BATCH_SEARCH, search_request(queries, asking))
    except DeadlineExceeded as error:
        return [refusal(query.text, error, "DEADLINE_EXCEEDED") for query in queries]
    return [outcome_from_proto(one, query.text) for one, query in zip(reply.outcomes, queries, strict=True)]


def _outcomes(request: pb.FetchRequest, targets: Sequence[str]) -> Conversation[list[tuple[pb.FetchOutcome, str] | Failure]]:
    """What came back for each target, with the target; or that the deadline passed."""
    try:
        reply: pb.FetchResponse = yield Call(FETCH, request)
    except DeadlineExceeded as error:
        return [refusal(target, error, "DEADLINE_EXCEEDED") for target in targets]
    return list(zip(reply.outcomes, targets, strict=True))
