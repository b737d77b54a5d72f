"""The log line, the metrics and the query log of a real server."""

from __future__ import annotations

import json
import logging
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import httpx
import orjson
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from protos.stepwell.v1 import search_pb2 as pb
from protos.stepwell.v1.admin_pb2 import AdminStatusRequest
from protos.stepwell.v1.admin_pb2_grpc import AdminStub
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.proof.query_log import QueryLog as Audited
from server.address import Address, Bound
from server.client import Client, Failure, Query
from server.observe import metrics
from server.observe.calls import Call, _Json
from server.observe.metrics import Metrics
from server.observe.queries import QueryLog
from tests.server.silent import Silent

SECRET = "a question nobody else should read"


def test_a_call_leaves_one_line_without_the_text_of_the_query(
    searcher: Any, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    address = serve(searcher).address
    with caplog.at_level(logging.INFO, "stepwell.calls"), Client(address) as client:
        client.batch_search([SECRET, "tides", ""])
        client.status()
        while len(lines := [record for record in caplog.records if record.name == "stepwell.calls"]) < 2:
            time.sleep(0.01)  # the line follows the answer
    first, second = lines
    assert first.getMessage().startswith("method=BatchSearch caller=anonymous code=OK asked=2 failed=0 ms=")
    assert second.getMessage().startswith("method=Status")
    assert SECRET not in caplog.text
    assert json.loads(_Json().format(first))["asked"] == 2


def test_a_refused_call_is_logged_with_its_status(
    searcher: Any, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    address = serve(searcher).address
    with caplog.at_level(logging.INFO, "stepwell.calls"), grpc.insecure_channel(address) as channel:
        SearchStub(channel).Fetch(pb.FetchRequest(targets=["no such document"]))
        with pytest.raises(grpc.RpcError):
            SearchStub(channel).BatchSearch(pb.BatchSearchRequest())
        while len(lines := [r.getMessage() for r in caplog.records if r.name == "stepwell.calls"]) < 2:
            time.sleep(0.01)  # the line follows the answer
    assert "code=OK asked=1 failed=1" in lines[0]
    assert "code=INVALID_ARGUMENT" in lines[1]


def test_metrics_count_calls_queries_and_failures_and_name_what_is_served(searcher: Any) -> None:
    metrics = Metrics(searcher)
    metrics.note(Call("BatchSearch", "anonymous", "OK", 8, 3, 12.0))
    metrics.note(Call("BatchSearch", "anonymous", "RESOURCE_EXHAUSTED", 8, 0, 0.1))
    text = metrics.text().decode()
    assert 'stepwell_calls_total{code="OK",method="BatchSearch"} 1.0' in text
    assert 'stepwell_asked_total{method="BatchSearch"} 16.0' in text
    assert 'stepwell_failed_total{method="BatchSearch"} 3.0' in text
    assert f'snapshot="{searcher.status.snapshot}"' in text
    assert f"stepwell_documents {float(searcher.status.documents)}" in text


def test_the_query_log_is_its_owners_alone_and_the_audit_reads_it(
    searcher: Any, serve: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "queries.jsonl"
    with Client(serve(searcher, query_log=path).address) as client:
        ranking, failed = client.batch_search(["tides", Query("salt", k=1)])[0], client.batch_search([""])[0]
    assert isinstance(failed, Failure)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["text"] for line in lines] == ["tides", "salt"]
    assert lines[0]["hits"] == [hit.doc_id for hit in ranking.hits]
    assert list(Audited.read(path).queries.values()) == ["tides", "salt"]


def test_a_full_disk_costs_lines_and_no_answer(
    searcher: Any, serve: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    with Client(serve(searcher, query_log=Path("/dev/full")).address) as client:
        assert all(not isinstance(outcome, Failure) for outcome in client.batch_search(["tides"] * 3))
    assert [r.getMessage() for r in caplog.records if "misses lines" in r.getMessage()] == [
        "the query log /dev/full misses lines: no space left on device"
    ]


def test_what_is_being_answered_is_counted_over_both_wires_and_gone_afterwards(searcher: Any, held: Any, serve: Any) -> None:
    slow = held(searcher)
    running = serve(slow, http=Address("127.0.0.1", 0), open_admin=True, threads=2)

    def counted() -> float:
        lines = httpx.get(f"{running.http}/metrics", trust_env=False).text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("stepwell_calls_in_flight "))

    with grpc.insecure_channel(running.address) as channel, ThreadPoolExecutor(1) as pool:
        over_grpc = SearchStub(channel).BatchSearch.future(pb.BatchSearchRequest(queries=[pb.Query(text="water")]), timeout=20)
        over_http = pool.submit(
            httpx.post, f"{running.http}/v1/batch_search", json={"queries": ["water"]}, trust_env=False, timeout=20
        )
        while slow.searches < 2:
            time.sleep(0.01)
        assert counted() == 3  # and the one that asks
        assert AdminStub(channel).Status(AdminStatusRequest(), timeout=20).calls == 3
        slow.gate.set()
        assert over_grpc.result(20).outcomes
        assert over_http.result(20).status_code == 200
    while counted() > 1:
        time.sleep(0.01)


def test_a_line_of_the_query_log_that_did_not_fit_costs_no_other_line(searcher: Any, tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    log = QueryLog(path)
    query = Query("water")
    outcomes = searcher.search([query])
    log.write("a test", [query], outcomes)
    limit = path.stat().st_size + 30
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        log.write("a test", [query], outcomes)  # 30 bytes of it fit
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.stat().st_size == limit
    log.write("a test", [query], outcomes)
    log.close()
    whole, torn, last = path.read_bytes().splitlines()
    assert json.loads(whole)["text"] == json.loads(last)["text"] == "water"
    assert len(torn) == 30


def test_numbers_that_a_worker_was_killed_before_writing_break_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))
    (tmp_path / "counter_99.db").touch()
    registry = CollectorRegistry()
    registry.register(metrics._OfAll(None))
    assert generate_latest(registry) == b""


def test_a_client_that_goes_away_while_its_reply_is_sent_and_what_faiss_tried_are_no_errors_in_the_log(
    tiny_index: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "stepwell", "server", "run", "--index", tiny_index, "--grpc", "127.0.0.1:0", "--json"]
    log = tmp_path / "log"
    with (
        log.open("w") as file,
        subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=file, text=True) as server,
    ):
        address = Address.parse(orjson.loads(server.stdout.readline())["address"])
        with Silent(Bound(address, None)) as silent:
            silent.ask(pb.BatchSearchRequest(queries=[pb.Query(text="tides")] * 5).SerializeToString())
            while "method=BatchSearch " not in log.read_text():
                time.sleep(0.05)
        time.sleep(0.5)
        server.terminate()
    assert "ERROR" not in log.read_text()
    assert "faiss" not in log.read_text()
