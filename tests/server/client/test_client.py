"""Does the client say what happened, split what is too much, and stop in time?"""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from ranker.search import Searcher
from server import client as module
from server.client import Asking, AsyncClient, Client, Failure, Fetched, Filters, Query, Ranking, ServerUnreachable
from server.client.batches import calls_of_queries
from server.errors import (
    ERRORS,
    AddressError,
    DeadlineExceeded,
    DocumentNotFound,
    NotStepwell,
    RequestRefused,
    ServerFault,
    error_of,
)
from server.fit import MAX_REPLY
from server.serving import ServerSettings


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return f"127.0.0.1:{holder.getsockname()[1]}"


def test_the_client_answers_what_the_searcher_answers(client: Client, searcher: Searcher) -> None:
    query = Query("boil drinking water", k=5, filters=Filters(kinds=("page",)), passages=1)
    [here], [there] = searcher.search([query]), client.batch_search([query])
    assert isinstance(there, Ranking)
    assert (there.query, there.hits, there.snapshot) == (here.query, here.hits, here.snapshot)


def test_options_are_those_of_the_queries_given_as_text(client: Client) -> None:
    plain, whole = client.batch_search(["drinking water", Query("drinking water", k=2)], k=1, authority=False)
    assert (len(plain.hits), len(whole.hits)) == (1, 2)
    assert plain.authority_version == "off"


def test_what_is_wrong_with_a_query_is_its_own_failure(client: Client) -> None:
    outcomes = client.batch_search(["drinking water", "", "broken \udcff", "w" * 2**20, "boil"])
    assert [type(outcome) for outcome in outcomes] == [Ranking, Failure, Failure, Failure, Ranking]
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Failure)} == {"INVALID_ARGUMENT"}
    assert outcomes[2].query == "broken ?"


def test_a_batch_over_the_server_s_limits_is_split_and_keeps_its_order(client: Client) -> None:
    texts = [f"drinking water {n}" for n in range(600)]
    assert [outcome.query for outcome in client.batch_search(texts, k=1)] == texts
    assert all(isinstance(outcome, Ranking) for outcome in client.batch_search(["water"] * 20, k=1000, passages=10))


def test_an_empty_batch_asks_nobody() -> None:
    with Client(free_address()) as client:
        assert client.batch_search([]) == []
        assert client.fetch([]) == []


def test_search_raises_the_error_of_the_failure(client: Client) -> None:
    assert client.search("drinking water", k=1).hits[0].rank == 1
    with pytest.raises(RequestRefused, match="k is 0") as raised:
        client.search("drinking water", k=0)
    assert raised.value.exit_code == 2


def test_fetch_keeps_order_and_says_what_is_missing(client: Client) -> None:
    doc_id = client.search("drinking water", k=1).hits[0].doc_id
    targets = [doc_id, "no:such", "broken \udcff"] * 30
    fetched = client.fetch(targets)
    assert [type(one) for one in fetched] == [Fetched, Failure, Failure] * 30
    assert fetched[0].document.id == doc_id


def test_documents_that_share_no_reply_are_fetched_alone_and_one_over_the_limit_says_so(searcher: Searcher, serve) -> None:
    class Large:
        """A real searcher whose documents have grown: the last one over the limit of a reply."""

        def __getattr__(self, name: str) -> object:
            return getattr(searcher, name)

        def fetch(self, targets: list[str], pinned: object) -> list[Fetched]:
            size = {"tiny:11": MAX_REPLY}
            return [
                replace(one, document=replace(one.document, text="x" * size.get(one.document.id, MAX_REPLY // 2)))
                for one in searcher.fetch(targets)
            ]

    with Client(serve(Large()).address) as client:
        fetched = client.fetch([f"tiny:{n}" for n in (1, 2, 3, 11)])
    assert [one.document.id for one in fetched[:3]] == ["tiny:1", "tiny:2", "tiny:3"]
    assert fetched[3].code == "RESOURCE_EXHAUSTED"


def test_status_is_the_searcher_s(client: Client, searcher: Searcher) -> None:
    assert client.status() == searcher.status


def test_where_nobody_listens_the_error_says_how_to_start_a_server() -> None:
    address = free_address()
    with Client(address) as client, pytest.raises(ServerUnreachable) as raised:
        client.search("water")
    assert str(raised.value) == f"no server answers at {address}; start one with: stepwell server run --index DIR"


def test_a_deadline_is_the_outcome_of_every_query_it_struck(searcher: Searcher, held, serve) -> None:
    slow = held(searcher)
    with Client(serve(slow).address) as client:
        [outcome] = client.batch_search(["water"], timeout=0.3)
        with pytest.raises(DeadlineExceeded):
            client.search("water", timeout=0.3)
        slow.gate.set()
    assert outcome.code == "DEADLINE_EXCEEDED"


def test_another_service_at_the_address_is_named_as_such(serve, searcher: Searcher, monkeypatch) -> None:
    monkeypatch.setattr("server.services.search_pb2_grpc.add_SearchServicer_to_server", lambda service, server: None)
    with Client(serve(searcher).address) as client, pytest.raises(NotStepwell, match="not a Stepwell server"):
        client.status()


@pytest.mark.parametrize("address", ["", "localhost", "127.0.0.1:x"])
def test_a_wrong_address_is_wrong_usage(address: str) -> None:
    with pytest.raises(AddressError):
        Client(address)


def test_every_grpc_status_has_an_error_with_an_exit_code() -> None:
    for status in grpc.StatusCode:
        error = error_of(status.name, "words")
        assert error.exit_code in (1, 2)
        assert (type(error) is ServerFault) == (status.name not in ERRORS)
    assert isinstance(error_of("NOT_FOUND", "words"), DocumentNotFound)


def test_limits_of_the_client_are_within_those_of_the_server() -> None:
    from server import answering
    from server.client import batches

    assert batches.QUERIES_PER_CALL <= answering.MAX_QUERIES
    assert batches.TARGETS_PER_CALL <= answering.MAX_TARGETS
    assert batches.PASSAGES_PER_CALL <= answering.MAX_PASSAGES
    assert ServerSettings().max_request > batches.BYTES_PER_CALL


def test_calls_are_cut_at_queries_passages_and_bytes() -> None:
    def sizes(queries: list[Query]) -> list[int]:
        return [len(call) for call in calls_of_queries(queries)]

    assert sizes([Query("water", k=1)] * 300) == [256, 44]
    assert sizes([Query("water", k=500, passages=2)] * 5) == [2, 2, 1]
    assert sizes([Query("🜁" * 10_000, k=1)] * 60) == [52, 8]
    assert sizes([Query("water", k=1000, passages=10)]) == [1]


def test_importing_the_client_loads_no_index() -> None:
    heavy = ("ranker.search", "ranker.retrieve", "indexer.index", "faiss", "tantivy", "onnxruntime", "torch", "numpy")
    code = f"import sys, server.client; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_the_client_exports_is_there() -> None:
    assert sorted(module.__all__) == module.__all__
    assert all(hasattr(module, name) for name in module.__all__)


def test_one_text_in_place_of_a_list_is_refused_instead_of_asked_letter_by_letter(client: Client) -> None:
    for ask in (client.batch_search, client.fetch, lambda text: list(client.stream_search(text)), client.read):
        with pytest.raises(RequestRefused, match=r"'tides' is one of the .* in a list; put it in brackets") as refused:
            ask("tides")
        assert refused.value.exit_code == 2
    with pytest.raises(RequestRefused, match="in brackets"):
        client.batch_search(Query("tides"))  # type: ignore[arg-type]


def test_what_is_no_text_at_all_is_its_own_failure(client: Client) -> None:
    nothing, found = client.batch_search([None, "drinking water"])  # type: ignore[list-item]
    assert isinstance(nothing, Failure)
    assert (nothing.query, nothing.code) == ("None", "INVALID_ARGUMENT")
    assert isinstance(found, Ranking)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_without_connections_is_refused(kind: type[Client]) -> None:
    with pytest.raises(RequestRefused, match="connections is 0, it must be 1 or more"):
        kind("127.0.0.1:1", connections=0)


def test_a_client_that_was_closed_says_so(client: Client) -> None:
    client.close()
    for ask in (client.status, lambda: client.search("tides"), lambda: list(client.stream_search(["tides"]))):
        with pytest.raises(RequestRefused, match="this client is closed"):
            ask()


def test_searches_take_as_of_as_fetch_does(client: Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert client.search("drinking water", as_of=tomorrow).hits
    [outcome] = client.batch_search(["drinking water"], as_of=tomorrow, asking=Asking(explain=False))
    assert isinstance(outcome, Ranking)
    assert [place for place, _ in client.stream_search(["drinking water"], as_of=tomorrow)] == [0]
    for ask in (client.batch_search, lambda queries, **said: list(client.stream_search(queries, **said))):
        with pytest.raises(RequestRefused, match="no snapshot as of '1999'"):
            ask(["drinking water"], as_of="1999")
        with pytest.raises(RequestRefused, match="give one of them"):
            ask(["drinking water"], as_of="1999", asking=Asking(as_of="2020"))
