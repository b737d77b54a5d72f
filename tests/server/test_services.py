"""Do streams, categories, past snapshots, the table and administration do what the contract says?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from authority.tables import shipped_path
from protos.stepwell.v1 import admin_pb2, admin_pb2_grpc, authority_pb2, authority_pb2_grpc
from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.search import Searcher
from server.categories import Category
from server.client import Asking, Client, Failure, Query, Ranking
from server.errors import RequestRefused

WHO = authority_pb2.AuthorityEntry(key="WHO.int", tier="primary", evidence="judgement:reads well:2026-01-02")


@pytest.fixture
def own_table(tmp_path: Path) -> Path:
    table = tmp_path / "mine.tsv"
    table.write_bytes(shipped_path("sample").read_bytes())
    return table


@pytest.fixture
def governed(own_table: Path, tiny_index: Path, serve: Callable[..., Any]) -> Iterator[grpc.Channel]:
    """A server whose table may be edited."""
    with Searcher.open(tiny_index, authority=own_table) as searcher:
        running = serve(searcher, open_admin=True)
        with grpc.insecure_channel(running.address) as channel:
            yield channel
        running.stop()


def refused(call: Callable[..., object], request: object) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as raised:
        call(request, timeout=20)
    return raised.value


def test_a_stream_gives_every_query_its_outcome_once(client: Client) -> None:
    texts = [f"drinking water {n}" for n in range(40)]
    streamed = dict(client.stream_search([*texts, ""], k=2))
    assert sorted(streamed) == list(range(41))
    assert isinstance(streamed[40], Failure)
    for place, outcome in enumerate(client.batch_search(texts, k=2)):
        assert isinstance(outcome, Ranking)
        assert streamed[place].hits == outcome.hits  # type: ignore[union-attr]


def test_a_stream_that_is_refused_says_why(stub: SearchStub) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        list(stub.BatchSearchStream(pb.BatchSearchRequest(), timeout=20))
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_wordings_of_one_question_get_one_ranking_wherever_they_stand(client: Client) -> None:
    wordings = [Query("safe drinking water", fuse="a"), Query("is boiled water safe", fuse="a")]
    others = [Query(f"sourdough starter {n}") for n in range(20)]
    outcomes = client.batch_search([wordings[0], *others, wordings[1]])
    first, last = outcomes[0], outcomes[-1]
    assert isinstance(first, Ranking)
    assert isinstance(last, Ranking)
    assert first.hits == last.hits
    assert any(hit.terms.fused for hit in first.hits)


def test_the_time_of_every_stage_that_an_index_without_vectors_has_comes_back(client: Client) -> None:
    ranking = client.search("water")
    assert [stage for stage, _ in ranking.stages] == ["lexical", "features", "rank", "hits"]
    assert 0 < sum(ms for _, ms in ranking.stages) <= ranking.took_ms + 1e-6


def test_terms_are_left_out_where_nobody_wants_them(client: Client) -> None:
    [explained] = client.batch_search(["water"], k=1)
    [plain] = client.batch_search(["water"], k=1, asking=Asking(explain=False))
    assert isinstance(explained, Ranking)
    assert isinstance(plain, Ranking)
    assert explained.hits[0].terms.bm25 > 0
    assert plain.hits[0].terms.bm25 == 0
    assert plain.hits[0].score == explained.hits[0].score


def test_a_category_narrows_and_an_unknown_one_names_those_there_are(searcher: Searcher, serve: Callable[..., Any]) -> None:
    categories = {"papers": Category(kinds=("paper",)), "nothing": Category(collections=("none such",))}
    with Client(serve(searcher, categories=categories).address) as client:
        [papers] = client.batch_search(["water"], asking=Asking(category="papers"))
        [nothing] = client.batch_search(["water"], asking=Asking(category="nothing"))
        [wrong] = client.batch_search(["water"], asking=Asking(category="news"))
    assert isinstance(papers, Ranking)
    assert isinstance(nothing, Ranking)
    assert isinstance(wrong, Failure)
    assert {hit.kind for hit in papers.hits} <= {"paper"}
    assert not nothing.hits
    assert "papers, nothing" in wrong.message


def test_a_call_may_ask_as_of_a_date_and_is_refused_where_nothing_is_that_old(client: Client, searcher: Searcher) -> None:
    created = searcher.pinned.index.manifest.created
    [then] = client.batch_search(["water"], asking=Asking(as_of=created))
    assert isinstance(then, Ranking)
    assert then.snapshot == searcher.status.snapshot
    for wrong in ("1999", "1999-01-01", "yesterday", "9" * 500):
        with pytest.raises(RequestRefused, match="oldest kept is of") as raised:
            client.batch_search(["water"], asking=Asking(as_of=wrong))
        assert "/" not in str(raised.value)


def test_the_table_is_listed_and_explained(channel: grpc.Channel) -> None:
    stub = authority_pb2_grpc.AuthorityStub(channel)
    everything = stub.List(authority_pb2.ListAuthorityRequest(limit=2), timeout=20)
    assert len(everything.entries) == 2
    second = stub.List(authority_pb2.ListAuthorityRequest(limit=1, offset=1), timeout=20)
    assert second.entries[0] == everything.entries[1]
    entry = everything.entries[0]
    found = stub.List(authority_pb2.ListAuthorityRequest(match=entry.key.upper(), tier=entry.tier), timeout=20)
    assert entry in found.entries
    why = stub.Explain(authority_pb2.ExplainAuthorityRequest(url="https://nobody.example/x"), timeout=20)
    assert why.host == "nobody.example"
    assert not why.HasField("entry")
    assert not any(step.listed for step in why.steps)
    for request in (authority_pb2.ListAuthorityRequest(tier="royal"), authority_pb2.ListAuthorityRequest(limit=1001)):
        assert refused(stub.List, request).code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_change_is_signed_in_force_when_it_is_answered_and_can_be_undone(governed: grpc.Channel, own_table: Path) -> None:
    stub = authority_pb2_grpc.AuthorityStub(governed)
    before = stub.List(authority_pb2.ListAuthorityRequest(), timeout=20)
    entry = authority_pb2.AuthorityEntry(
        key="Alder.example", tier=before.entries[0].tier, evidence="judgement:read it:2026-01-02"
    )
    change = stub.Set(authority_pb2.SetAuthorityRequest(entry=entry, why="tried", expected_version=before.version), timeout=20)
    assert change.change.version_before == before.version
    assert change.change.who == "anonymous over the network"
    ranking = SearchStub(governed).BatchSearch(pb.BatchSearchRequest(queries=[pb.Query(text="water")]), timeout=20)
    assert ranking.outcomes[0].ranking.authority_version == change.change.version_after
    assert "alder.example" in own_table.read_text()
    history = stub.History(authority_pb2.AuthorityHistoryRequest(key="alder.example"), timeout=20)
    undone = stub.Revert(authority_pb2.RevertAuthorityRequest(number=history.changes[0].number, why="enough"), timeout=20)
    assert undone.change.version_after == before.version
    late = authority_pb2.RemoveAuthorityRequest(key=before.entries[0].key, why="late", expected_version="0" * 12)
    error = refused(stub.Remove, late)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "is at version" in error.details()


def test_a_saved_change_is_acknowledged_although_the_index_cannot_be_read_again(
    own_table: Path, tiny_index: Path, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    index = tmp_path / "index"
    shutil.copytree(tiny_index, index)
    with Searcher.open(index, authority=own_table) as searcher:
        running = serve(searcher, open_admin=True, watch=60.0)
        for manifest in (index / "generations").iterdir():
            manifest.write_bytes(b"torn")
        with grpc.insecure_channel(running.address) as channel:
            stub = authority_pb2_grpc.AuthorityStub(channel)
            change = stub.Set(authority_pb2.SetAuthorityRequest(entry=WHO, why="read it"), timeout=20)
        running.stop()
    assert change.change.version_after != change.change.version_before
    assert "who.int" in own_table.read_text()


@pytest.mark.parametrize(
    "request_",
    [
        authority_pb2.SetAuthorityRequest(entry=WHO, why=""),
        authority_pb2.SetAuthorityRequest(entry=authority_pb2.AuthorityEntry(key="a b", tier="x"), why="w"),
        authority_pb2.RemoveAuthorityRequest(key="no.such.example", why="w"),
        authority_pb2.RevertAuthorityRequest(number=99, why="w"),
    ],
)
def test_a_wrong_change_is_refused_without_naming_a_file(governed: grpc.Channel, request_: Any) -> None:
    stub = authority_pb2_grpc.AuthorityStub(governed)
    method = {"Set": stub.Set, "Rem": stub.Remove, "Rev": stub.Revert}[type(request_).__name__[:3]]
    error = refused(method, request_)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "/" not in error.details()


def test_without_a_key_nobody_edits_or_administers(channel: grpc.Channel) -> None:
    authority, admin = authority_pb2_grpc.AuthorityStub(channel), admin_pb2_grpc.AdminStub(channel)
    for call, request in (
        (authority.Set, authority_pb2.SetAuthorityRequest(entry=WHO, why="w")),
        (admin.Reload, admin_pb2.ReloadRequest()),
        (admin.Drain, admin_pb2.DrainRequest()),
    ):
        assert refused(call, request).code() is grpc.StatusCode.PERMISSION_DENIED


def test_the_operator_sees_the_worker_and_its_snapshots_and_reloads(governed: grpc.Channel) -> None:
    stub = admin_pb2_grpc.AdminStub(governed)
    status = stub.Status(admin_pb2.AdminStatusRequest(), timeout=20)
    assert status.calls == 1
    assert status.memory > 1e6
    snapshots = stub.Snapshots(admin_pb2.SnapshotsRequest(), timeout=20).snapshots
    assert [snapshot.served for snapshot in snapshots].count(True) == 1
    assert list(stub.Reload(admin_pb2.ReloadRequest(), timeout=20).changes) == []
