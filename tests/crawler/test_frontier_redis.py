"""Do several workers share one frontier, and lose nothing when one of them is killed?"""

import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from crawler.web.frontier import COPY, KEPT, Budget, Ending, Link, Task
from crawler.web.frontier_redis import RedisFrontier
from indexer.corpus import read_corpus
from tests.sites.server import ROOT, Answer, Site, crawl_command, environment, page, serve

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server: apt-get install redis-server")
SITE = "http://alder.example"
WIDE = Budget(at_once=100)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own on a socket that nobody else knows."""
    socket = tmp_path_factory.mktemp("r") / "s"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--daemonize", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=socket.parent) as process:
        while not socket.exists():
            time.sleep(0.02)
        yield f"unix://{socket}"
        process.terminate()


@pytest.fixture
def url(server: str) -> str:
    client = redis.Redis.from_url(server)
    client.flushall()
    client.close()
    return server


def link(path: str) -> Link:
    return Link(f"{SITE}/{path}", f"{SITE}/{path}")


def kept(task: Task, canonical: str = "") -> Ending:
    return Ending(KEPT, document=b"{}", doc_id=f"web:{canonical or task.key}", canonical=canonical)


def test_each_url_is_handed_out_once_in_the_order_it_came(url: str) -> None:
    frontier = RedisFrontier(url, "t", WIDE)
    frontier.add([link("a"), link("b"), link("a"), Link(f"{SITE}/c", f"{SITE}/c", front=True)])
    tasks = [frontier.take() for _ in range(3)]
    assert [task and task.url for task in tasks] == [f"{SITE}/{path}" for path in "cab"]
    assert frontier.take() is None
    frontier.close()


def test_a_host_belongs_to_one_worker_until_it_closes_or_falls_silent(url: str) -> None:
    first, second = RedisFrontier(url, "t", WIDE), RedisFrontier(url, "t", WIDE)
    first.add([link("a"), link("b")])
    task = first.take()
    assert task
    assert second.take() is None
    first.close()  # its lease goes with it; what it was doing was not committed
    again = [second.take(), second.take()]
    assert [one and one.url for one in again] == [f"{SITE}/a", f"{SITE}/b"]
    second.close()


def test_what_is_committed_is_not_done_again(url: str) -> None:
    first = RedisFrontier(url, "t", WIDE)
    first.add([link("a"), link("b")])
    done, lost = first.take(), first.take()
    assert done
    assert lost
    first.end(done, (), kept(done))
    first.committed()
    first.end(lost, (), kept(lost))
    first.close()
    second = RedisFrontier(url, "t", WIDE)
    task = second.take()
    assert task
    assert task.url == lost.url
    assert second.take() is None
    assert second.census().outcomes == {KEPT: 1}
    second.close()


def test_a_copy_waits_for_the_page_it_names_whichever_worker_has_it(url: str) -> None:
    frontier = RedisFrontier(url, "t", WIDE)
    frontier.add([link("copy"), link("own")])
    copy, own = frontier.take(), frontier.take()
    assert copy
    assert own
    assert [write.what for write in frontier.end(copy, (), kept(copy, own.key))] == []
    assert [write.what for write in frontier.end(own, (), kept(own))] == ["document"]
    frontier.committed()
    assert frontier.census().outcomes == {KEPT: 1, COPY: 1}
    assert frontier.finish() == []
    frontier.add([link("late")])
    late = frontier.take()
    assert late
    frontier.end(late, (), kept(late, own.key))
    frontier.committed()
    assert frontier.census().outcomes[COPY] == 2
    frontier.close()


@pytest.mark.long
def test_two_workers_crawl_one_site_and_one_of_them_is_killed(url: str, tmp_path: Path) -> None:
    def step(n: int) -> object:
        links = "".join(f"<a href=/{m}>{m}</a>" for m in (3 * n + 1, 3 * n + 2, 3 * n + 3) if m < 120)

        def slow(site: Site) -> Answer:
            time.sleep(0.1)
            return page(f"<title>{n}</title><main><p>Step {n} of the stair lies {n} spans above the water.</p></main>{links}")(
                site
            )

        return slow

    answers = {"/robots.txt": page(""), **{f"/{n or ''}": step(n) for n in range(120)}}
    with serve(answers) as site, serve(answers) as other:  # type: ignore[arg-type]
        urls = tmp_path / "urls.txt"
        urls.write_text(f"{site.url()}\n{other.url()}\n")
        options = ("--allow-loopback", "--redis", url, "--collection", "stairs", "--max-depth", "9")
        commands = [crawl_command(str(urls), tmp_path / name, *options, verb="list") for name in ("one", "two")]
        first, second = (
            subprocess.Popen(one, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment()) for one in commands
        )
        while len(site.paths) < 40:
            time.sleep(0.05)
        first.kill()
        first.communicate()
        _, errors = second.communicate(timeout=110)
        assert second.returncode == 0, errors
        asked = Counter(site.paths) + Counter(other.paths)
    found = {document.url for name in ("one", "two") for document in read_corpus(tmp_path / name)}
    assert found == {one.url(f"/{n or ''}") for one in (site, other) for n in range(120)}
    assert sum(asked.values()) - 2 * 121 <= 120, "only what the killed worker had not committed is asked for again"
