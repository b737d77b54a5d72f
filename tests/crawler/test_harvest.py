"""Is a repository harvested completely, politely, and only once, whatever happens on the way?

The repository is a real HTTP server on loopback; some of its replies are the real samples.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler import cli
from crawler.errors import UsageError
from crawler.harvest import patience
from crawler.harvest.fetch import FetchFailed
from crawler.harvest.harvest import RESTARTS, HarvestFailed
from crawler.harvest.patience import Busy, retry_after
from crawler.harvest.state import BrokenState
from crawler.safety import AddressRefused
from indexer.corpus import read_corpus

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>{day}T10:00:00Z</responseDate>"""


def record(number: int, title: str, day: str = "2026-03-01") -> str:
    return f"""<record><header><identifier>oai:arXiv.org:2603.{number:05}</identifier><datestamp>{day}</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2603.{number:05}</id><created>2026-03-01</created>
<authors><author><keyname>Alder</keyname><forenames>Ida</forenames></author></authors><title>{title}</title>
<categories>cs.IR</categories><abstract>  Number {number}.\n</abstract></arXiv></metadata></record>"""


def deleted(number: int) -> str:
    return f'<record><header status="deleted"><identifier>oai:arXiv.org:2603.{number:05}</identifier></header></record>'


def reply(inside: str, day: str = "2026-03-05") -> bytes:
    return (HEAD.format(day=day) + inside + "</OAI-PMH>").encode()


@dataclass
class Repository:
    """Pages of records, and a log of what was asked."""

    pages: list[list[str]]
    day: str = "2026-03-05"
    asked: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    trouble: dict[int, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """Number of the request (from 1) -> status, header fields and body given instead."""
    hold: int = 0
    """Number of the request that is never answered; 0 for none."""
    held: threading.Event = field(default_factory=threading.Event)

    def answer(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(query)
        self.times.append(time.monotonic())
        if len(self.asked) == self.hold:
            self.held.set()
            time.sleep(30)
        if len(self.asked) in self.trouble:
            return self.trouble[len(self.asked)]
        at = int(query["resumptionToken"].split("|")[1]) if "resumptionToken" in query else 0
        if not self.pages:
            return 200, {}, reply('<error code="noRecordsMatch"/>', self.day)
        token = f"list|{at + 1}" if at + 1 < len(self.pages) else ""
        size = sum(map(len, self.pages))
        inside = "".join(self.pages[at]) + f'<resumptionToken completeListSize="{size}">{token}</resumptionToken>'
        return 200, {}, reply(f"<ListRecords>{inside}</ListRecords>", self.day)


@contextmanager
def served(repository: Repository) -> Iterator[str]:
    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            status, fields, body = repository.answer(query)
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # the harvester was killed

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/oai"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def run(url: str, into: Path, *more: str) -> int:
    return cli.main(["harvest", "oai", url, "--into", str(into), "--prefix", "arXiv", "--allow-loopback", "--delay", "0", *more])


def contents(into: Path) -> dict[str, str]:
    return {document.id: document.title for document in read_corpus(into)}


def state(into: Path) -> dict[str, object]:
    (entry,) = json.loads((into / "harvest.json").read_bytes())["harvests"]
    assert isinstance(entry, dict)
    return entry


PAGES = [[record(1, "One"), record(2, "Two")], [record(3, "Three")], [record(4, "Four"), deleted(9)]]


def test_tokens_are_followed_to_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repository = Repository(PAGES)
    with served(repository) as url:
        assert run(url, tmp_path / "corpus", "--set", "cs", "--since", "2026-01-31") == 0
    assert contents(tmp_path / "corpus") == {f"arxiv:2603.{n:05}": t for n, t in enumerate(["One", "Two", "Three", "Four"], 1)}
    first, second, third = repository.asked
    assert first == {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cs", "from": "2026-01-31"}
    assert second == {"verb": "ListRecords", "resumptionToken": "list|1"}
    assert third["resumptionToken"] == "list|2"
    assert "complete to 2026-03-05" in capsys.readouterr().out


def test_the_next_harvest_begins_on_the_day_the_last_one_did_and_deletions_leave_the_corpus(tmp_path: Path) -> None:
    into = tmp_path / "corpus"
    repository = Repository(PAGES)
    with served(repository) as url:
        run(url, into)
        repository.pages, repository.day = [[record(2, "Two, revised"), deleted(3), record(5, "Five")]], "2026-03-09"
        run(url, into)
        assert repository.asked[-1]["from"] == "2026-03-05"
        repository.pages = []
        run(url, into)
        assert repository.asked[-1]["from"] == "2026-03-09"
    assert contents(into) == {
        "arxiv:2603.00001": "One",
        "arxiv:2603.00002": "Two, revised",
        "arxiv:2603.00004": "Four",
        "arxiv:2603.00005": "Five",
    }


def test_an_old_stretch_harvested_again_does_not_move_the_mark_back_and_a_gap_does_not_move_it_on(tmp_path: Path) -> None:
    into = tmp_path / "corpus"
    repository = Repository(PAGES)
    with served(repository) as url:
        run(url, into)
        run(url, into, "--since", "2020-01-01", "--until", "2020-12-31")
        assert state(into)["complete_to"] == "2026-03-05"
        repository.day = "2026-04-30"
        run(url, into, "--since", "2026-04-01")
        assert state(into)["complete_to"] == "2026-03-05"


def test_a_harvest_killed_anywhere_ends_with_the_same_corpus(tmp_path: Path) -> None:
    pages = [[record(100 * page + n, f"Title {page} {n}") for n in range(60)] for page in range(10)]
    pages[7].append(deleted(203))
    whole = tmp_path / "whole"
    with served(Repository(pages)) as url:
        run(url, whole)
    broken = tmp_path / "broken"
    repository = Repository(pages)
    with served(repository) as url:
        small = (
            "import crawler.harvest.harvest as h, stepwell, sys; h.COMMIT_RECORDS = 100; sys.exit(stepwell.main(sys.argv[1:]))"
        )
        command = [sys.executable, "-c", small, "crawler", "harvest", "oai", url, "--into", str(broken)]
        command += ["--prefix", "arXiv", "--allow-loopback", "--delay", "0"]
        begun = []
        for request in (1, 4, 3, 2):  # of the run, counted anew after each kill
            repository.hold, repository.held = len(repository.asked) + request, threading.Event()
            begun.append(len(repository.asked))
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(cli.__file__).parent.parent
            )
            assert repository.held.wait(30)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        repository.hold = 0
        begun.append(len(repository.asked))
        assert subprocess.run(command, cwd=Path(cli.__file__).parent.parent, capture_output=True).returncode == 0
    firsts = [repository.asked[at].get("resumptionToken", "") for at in begun]
    assert firsts == ["", "", "list|2", "list|4", "list|4"]
    assert sorted(d.to_json() for d in read_corpus(broken)) == sorted(d.to_json() for d in read_corpus(whole))
    assert state(broken) | {"url": ""} == state(whole) | {"url": ""}


def test_a_busy_repository_is_left_alone_as_long_as_it_asks(tmp_path: Path) -> None:
    repository = Repository(PAGES, trouble={1: (503, {"Retry-After": "2"}, b"busy"), 3: (429, {"Retry-After": "0"}, b"")})
    with served(repository) as url:
        assert run(url, tmp_path / "corpus") == 0
    assert len(contents(tmp_path / "corpus")) == 4
    assert repository.times[1] - repository.times[0] >= 2
    assert repository.times[3] - repository.times[2] >= patience.MIN_WAIT


def test_a_long_wait_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    repository = Repository(PAGES, trouble={2: (503, {"Retry-After": "86400"}, b"tomorrow")})
    with served(repository) as url:
        with pytest.raises(Busy, match="86,400 s; run the same command again"):
            run(url, tmp_path / "corpus")
        assert len(contents(tmp_path / "corpus")) == 2
        assert run(url, tmp_path / "corpus") == 0
    assert repository.asked[2] == {"verb": "ListRecords", "resumptionToken": "list|1"}
    assert len(contents(tmp_path / "corpus")) == 4


def test_requests_keep_their_distance(tmp_path: Path) -> None:
    repository = Repository(PAGES)
    with served(repository) as url:
        run(url, tmp_path / "corpus", "--delay", "0.3")
    gaps = [later - earlier for earlier, later in zip(repository.times, repository.times[1:], strict=False)]
    assert all(gap >= 0.3 for gap in gaps)


def test_a_refused_token_begins_the_list_again(tmp_path: Path) -> None:
    bad = reply('<error code="badResumptionToken">expired</error>')
    repository = Repository(PAGES, trouble={2: (200, {}, bad)})
    with served(repository) as url:
        assert run(url, tmp_path / "corpus") == 0
    assert "resumptionToken" not in repository.asked[2]
    assert len(contents(tmp_path / "corpus")) == 4
    stubborn = Repository(PAGES, trouble={n: (200, {}, bad) for n in range(2, 100)})
    with served(stubborn) as url, pytest.raises(HarvestFailed, match="refuses its own resumption token"):
        run(url, tmp_path / "other")
    assert len(stubborn.asked) <= 2 * (RESTARTS + 1)


def test_a_list_without_an_end_is_noticed(tmp_path: Path) -> None:
    again = reply(f"<ListRecords>{record(1, 'One')}<resumptionToken>list|0</resumptionToken></ListRecords>")
    repository = Repository(PAGES, trouble={n: (200, {}, again) for n in range(1, 100)})
    with served(repository) as url, pytest.raises(HarvestFailed, match="repeats its resumption token"):
        run(url, tmp_path / "corpus")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (reply('<error code="cannotDisseminateFormat"/>'), "cannotDisseminateFormat.*ListMetadataFormats"),
        (reply('<error code="badArgument">no such set</error>'), "badArgument: no such set"),
        (b"<html><body>Welcome</body></html>", "without OAI-PMH"),
        (b"", "without OAI-PMH"),
    ],
)
def test_other_answers_end_in_one_clear_line(tmp_path: Path, body: bytes, message: str) -> None:
    with served(Repository(PAGES, trouble={1: (200, {}, body)})) as url, pytest.raises(HarvestFailed, match=message):
        run(url, tmp_path / "corpus")


def test_a_reply_cut_short_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "BACKOFF", 0.01)
    whole = reply("<ListRecords>" + record(1, "One") + "</ListRecords>")
    repository = Repository(
        PAGES, trouble={1: (200, {}, whole[:-40]), 2: (500, {}, b""), 3: (200, {"Content-Length": "99999"}, whole)}
    )
    with served(repository) as url:
        assert run(url, tmp_path / "corpus") == 0
    assert len(contents(tmp_path / "corpus")) == 4


def test_the_real_replies_are_harvested_over_their_own_tokens(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "formats" / "oai-pmh"

    class Sample(Repository):
        def answer(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
            self.asked.append(query)
            return 200, {}, (folder / query.get("resumptionToken", "ListRecords.xml")).read_bytes()

    repository = Sample([])
    with served(repository) as url:
        assert run(url, tmp_path / "corpus", "--collection", "test") == 0
    assert [query.get("resumptionToken", "") for query in repository.asked] == [
        "",
        *(f"ListRecords{n}.xml" for n in (2, 3, 4)),
    ]
    assert contents(tmp_path / "corpus") == {"oai:test.example.com:1585322": "Sample Title"}
    assert state(tmp_path / "corpus")["complete_to"] == "2013-02-27"


def test_nothing_else_than_loopback_is_dialled_in_a_loopback_harvest_and_no_loopback_without_the_flag(tmp_path: Path) -> None:
    repository = Repository(PAGES, trouble={1: (302, {"Location": "http://192.0.2.1/oai"}, b"")})
    with served(repository) as url:
        with pytest.raises(AddressRefused, match=r"192\.0\.2\.1"):
            run(url, tmp_path / "corpus")
        with pytest.raises(AddressRefused, match="allow-loopback"):
            cli.main(["harvest", "oai", url, "--into", str(tmp_path / "corpus"), "--contact", "me@alder.example"])
    assert len(repository.asked) == 1


@pytest.mark.parametrize(
    "call",
    [
        ["http://192.0.2.1/oai", "--delay", "1", "--contact", "me@alder.example"],
        ["https://alder.example/oai"],
        ["ftp://alder.example/oai"],
        ["http://127.0.0.1/oai?verb=Identify", "--allow-loopback"],
    ],
)
def test_wrong_calls_are_refused_before_anything_is_dialled(tmp_path: Path, call: list[str]) -> None:
    with pytest.raises((UsageError, AddressRefused)):
        cli.main(["harvest", "oai", *call, "--into", str(tmp_path / "corpus")])
    assert not (tmp_path / "corpus").exists()


def test_a_host_that_never_answers_is_given_up_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "BACKOFF", 0.01)
    with served(Repository(PAGES)) as url:
        pass
    with pytest.raises(FetchFailed, match="could not be fetched"):
        run(url, tmp_path / "corpus")


def test_a_broken_state_is_told_and_not_overwritten(tmp_path: Path) -> None:
    into = tmp_path / "corpus"
    with served(Repository(PAGES)) as url:
        run(url, into)
        (into / "harvest.json").write_bytes(b'{"harvests": [{"url": 3}]}')
        with pytest.raises(BrokenState, match=r"harvest\.json"):
            run(url, into)
    assert (into / "harvest.json").read_bytes() == b'{"harvests": [{"url": 3}]}'


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("120") == 120
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Fri, 31 Dec 2199 23:59:59 GMT") > 1e9  # type: ignore[operator]
    assert [retry_after(text) for text in ("", "soon", "-5")] == [None, None, None]
