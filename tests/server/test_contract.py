"""Does the service keep what the .proto promises, whatever it is sent?"""

from __future__ import annotations

import re

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.search import Searcher
from server.answering import MAX_PASSAGES
from server.fit import MAX_REPLY

WATER = pb.Query(text="boil drinking water", k=3)


def refused(call: grpc.UnaryUnaryMultiCallable, request: object) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as raised:
        call(request, timeout=20)
    return raised.value


def test_outcomes_come_in_input_order(stub: SearchStub) -> None:
    texts = [f"drinking water {n}" for n in range(100)]
    reply = stub.BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text=text, k=1) for text in texts]), timeout=20)
    assert [outcome.query for outcome in reply.outcomes] == texts


def test_a_batch_answers_as_each_query_alone(stub: SearchStub) -> None:
    queries = [WATER, pb.Query(text="minutes"), WATER]
    together = stub.BatchSearch(pb.BatchSearchRequest(queries=queries), timeout=20).outcomes
    alone = [stub.BatchSearch(pb.BatchSearchRequest(queries=[query]), timeout=20).outcomes[0] for query in queries]
    assert [list(one.ranking.hits) for one in together] == [list(one.ranking.hits) for one in alone]


def test_the_wire_says_what_the_searcher_says(stub: SearchStub, searcher: Searcher) -> None:
    [here] = searcher.search(["boil drinking water"])
    [there] = stub.BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text="boil drinking water")]), timeout=20).outcomes
    assert [hit.doc_id for hit in there.ranking.hits] == [hit.doc_id for hit in here.hits]
    assert [hit.score for hit in there.ranking.hits] == [hit.score for hit in here.hits]
    assert (there.ranking.snapshot, there.ranking.authority_version) == (here.snapshot, here.authority_version)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (pb.Query(text=""), "query is empty"),
        (pb.Query(text="water", k=0), "k is 0"),
        (pb.Query(text="water", k=10**9), "k is 1000000000"),
        (pb.Query(text="water", passages=11), "passages is 11"),
        (pb.Query(text="w" * 2**20), "1,048,576 characters"),
        (pb.Query(text="water", filters=pb.Filters(after="yesterday")), "'yesterday' is not ISO 8601"),
        (pb.Query(text="water", filters=pb.Filters(sites=["x.example"] * 1001)), "more than 1,000 sites"),
    ],
    ids=["empty", "k0", "k1e9", "passages", "1MB", "date", "sites"],
)
def test_a_bad_query_fails_alone(stub: SearchStub, bad: pb.Query, words: str) -> None:
    reply = stub.BatchSearch(pb.BatchSearchRequest(queries=[WATER, bad, WATER]), timeout=20)
    assert [one.WhichOneof("outcome") for one in reply.outcomes] == ["ranking", "failure", "ranking"]
    assert reply.outcomes[1].failure.code == "INVALID_ARGUMENT"
    assert words in reply.outcomes[1].failure.message
    assert len(reply.outcomes[1].query) <= 200


@pytest.mark.parametrize(("count", "told"), [(0, "none"), (257, "257")])
def test_a_batch_that_is_empty_or_too_long_is_refused_whole(stub: SearchStub, count: int, told: str) -> None:
    error = refused(stub.BatchSearch, pb.BatchSearchRequest(queries=[WATER] * count))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"this one has {told}" in error.details()


@pytest.mark.parametrize("count", [0, 65])
def test_a_fetch_of_nothing_or_too_much_is_refused_whole(stub: SearchStub, count: int) -> None:
    assert refused(stub.Fetch, pb.FetchRequest(targets=["web:1"] * count)).code() is grpc.StatusCode.INVALID_ARGUMENT


def test_broken_utf8_is_an_invalid_argument(channel: grpc.Channel) -> None:
    call = channel.unary_unary("/stepwell.v1.Search/BatchSearch", response_deserializer=pb.BatchSearchResponse.FromString)
    query = b"\x0a\x04\xff\xfe\xff\xfe"  # field 1 of Query, four bytes that are not UTF-8
    error = refused(call, b"\x0a" + bytes([len(query)]) + query)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "UTF-8" in error.details()


def test_bytes_that_are_no_message_are_an_invalid_argument(channel: grpc.Channel) -> None:
    call = channel.unary_unary("/stepwell.v1.Search/Fetch", response_deserializer=pb.FetchResponse.FromString)
    assert refused(call, b"\xff" * 100).code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_request_over_4_mib_is_refused_before_it_is_read(stub: SearchStub) -> None:
    error = refused(stub.BatchSearch, pb.BatchSearchRequest(queries=[pb.Query(text="w" * MAX_REPLY)]))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_queries_beyond_the_passages_of_a_call_fail_and_smaller_ones_after_them_do_not(stub: SearchStub) -> None:
    large = pb.Query(text="water", k=1000, passages=MAX_PASSAGES // 2000)
    reply = stub.BatchSearch(pb.BatchSearchRequest(queries=[large, large, large]), timeout=20)
    assert [one.WhichOneof("outcome") for one in reply.outcomes] == ["ranking", "ranking", "failure"]
    assert reply.outcomes[2].failure.code == "RESOURCE_EXHAUSTED"


def test_fetch_reads_whole_documents_by_id_and_by_url(stub: SearchStub) -> None:
    hit = stub.BatchSearch(pb.BatchSearchRequest(queries=[WATER]), timeout=20).outcomes[0].ranking.hits[0]
    reply = stub.Fetch(pb.FetchRequest(targets=[hit.doc_id, "no:such", hit.url]), timeout=20)
    by_id, missing, by_url = reply.outcomes
    assert by_id.fetched == by_url.fetched
    passage = hit.passages[0]
    assert by_id.fetched.document.text[passage.start : passage.end] == passage.text
    assert missing.failure.code == "NOT_FOUND"


def test_status_says_what_is_served(stub: SearchStub, searcher: Searcher) -> None:
    reply = stub.Status(pb.StatusRequest(), timeout=20)
    assert (reply.snapshot, reply.documents) == (searcher.status.snapshot, searcher.status.documents)
    assert reply.release


def test_a_defect_is_internal_with_an_id_that_leads_to_the_log(
    searcher: Searcher, serve, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        status = property(lambda self: 1 / 0)

        pinned = None
        troubles = ()

        def search(self, queries: object, pinned: object, until: float) -> object:
            raise RuntimeError("a secret path")

        def reload(self) -> tuple[str, ...]:
            return ()

        def withdraw(self, file: object) -> None:
            """Nothing of it is damaged."""

    with grpc.insecure_channel(serve(Broken()).address) as channel:
        stub = SearchStub(channel)
        failure = stub.BatchSearch(pb.BatchSearchRequest(queries=[WATER]), timeout=20).outcomes[0].failure
        error = refused(stub.Status, pb.StatusRequest())
    assert (failure.code, error.code()) == ("INTERNAL", grpc.StatusCode.INTERNAL)
    for message in (failure.message, error.details()):
        assert "secret" not in message
        assert re.search(r"[0-9a-f]{8}$", message)[0] in caplog.text
    assert "a secret path" in caplog.text


def test_health_says_serving_for_the_server_and_the_service(channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    for service in ("", "stepwell.v1.Search"):
        reply = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=20)
        assert reply.status == health_pb2.HealthCheckResponse.SERVING
    assert refused(health.Check, health_pb2.HealthCheckRequest(service="no.such")).code() is grpc.StatusCode.NOT_FOUND


def services(address: str) -> list[str]:
    with grpc.insecure_channel(address) as channel:
        ask = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo
        requests = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        [reply] = ask(requests, timeout=20)
    return [service.name for service in reply.list_services_response.service]


def test_reflection_lists_the_services(address: str) -> None:
    assert {"stepwell.v1.Search", "grpc.health.v1.Health"} <= set(services(address))


def test_reflection_can_be_switched_off(searcher: Searcher, serve) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        services(serve(searcher, reflection=False).address)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
