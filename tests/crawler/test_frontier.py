"""Does the frontier lose nothing, ask for nothing twice, and keep its order and its budgets?"""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.web.census import FrontierError, read_census
from crawler.web.frontier import ASIDE, COPY, GONE, KEPT, KNOWN, NOINDEX, UNCHANGED, WAITING, Budget, Ending, Link, Task, Write
from crawler.web.frontier_sqlite import SqliteFrontier

SITE = "http://alder.example"
WIDE = Budget(pages=1000, at_once=100)


def link(path: str, depth: int = 0, **more: object) -> Link:
    url = path if path.startswith("http") else f"{SITE}/{path}"
    return dataclasses.replace(Link(url, url, depth), **more)


def kept(task: Task, *links: Link, canonical: str = "", text: str = "") -> Ending:
    name = canonical or task.key
    body = f'{{"id":"web:{name}","title":"t","text":"{text or task.key}"}}'.encode()
    return Ending(
        KEPT, document=body, doc_id=f"web:{name}", canonical=canonical, digest=body[-16:], links=links, size=10, etag="e1"
    )


def all_of(frontier: SqliteFrontier) -> list[str]:
    """Takes and keeps everything, in order."""
    paths = []
    while task := frontier.take():
        paths.append(task.url)
        frontier.end(task, (), kept(task))
    return paths


def test_breadth_first_and_each_url_once(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link("c", 2), link("a", 1), link("b", 1), link("a", 3), link("d", 2, front=True)])
    assert all_of(frontier) == [f"{SITE}/{path}" for path in "dabc"]
    frontier.add([link("a", 1)])
    assert frontier.take() is None


def test_hosts_of_a_higher_tier_come_first_and_equals_take_turns(tmp_path: Path) -> None:
    tiers = {"high": 1.0, "one": 0.0, "two": 0.0}
    frontier = SqliteFrontier(tmp_path / "f.sqlite", Budget(), lambda url: tiers[url.split("/")[2]])
    frontier.add([link(f"http://{host}/{n}") for host in ("one", "two", "high") for n in range(2)])
    hosts = [url.split("/")[2] for url in all_of(frontier)]
    assert hosts[:2] == ["high", "high"]
    assert sorted(hosts[2:4]) == sorted(hosts[4:]) == ["one", "two"]


def test_a_busy_host_is_left_alone(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", Budget(at_once=1))
    frontier.add([link("a"), link("b")])
    first = frontier.take()
    assert first is not None
    assert (frontier.take(), frontier.waits()) == (None, False)
    frontier.end(first, (), kept(first))
    assert frontier.waits()


def test_after_a_kill_only_what_was_in_flight_is_asked_again_and_nothing_written_is_lost(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link(path) for path in "abc"])
    done, flying = frontier.take(), frontier.take()
    assert done
    assert flying
    writes = frontier.end(done, (), kept(done, link("new", 1)))
    again = SqliteFrontier(tmp_path / "f.sqlite", WIDE)  # the first is never closed, as after a kill
    assert again.pending() == writes
    assert all_of(again) == [f"{SITE}/{path}" for path in ("b", "c", "new")]
    again.committed()
    assert again.pending() == []


def test_a_claimed_redirect_target_is_queued_after_a_kill(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link("from")])
    assert frontier.take()
    assert frontier.claim(link("to"))
    assert not frontier.claim(link("to"))
    assert sorted(all_of(SqliteFrontier(tmp_path / "f.sqlite", WIDE))) == [f"{SITE}/from", f"{SITE}/to"]


@pytest.mark.parametrize("budget", [Budget(pages=3, at_once=9), Budget(bytes=25, at_once=1)])
def test_a_budget_leaves_the_rest_in_the_queue_for_another_crawl(tmp_path: Path, budget: Budget) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", budget)
    frontier.add([link(str(n)) for n in range(10)])
    assert len(all_of(frontier)) == 3
    assert not frontier.waits()
    census = frontier.census()
    assert (census.queued, census.hosts[0].spent) == (7, True)
    frontier.finish()
    assert frontier.finished
    frontier.begin_again(everything=False)
    assert len(all_of(frontier)) == 3


def test_a_copy_waits_for_the_page_it_names_and_survives_a_kill(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link("copy"), link("own"), link("other"), link("gone")])
    copy, own, other, gone = (frontier.take() for _ in range(4))
    assert copy
    assert own
    assert other
    assert gone
    assert frontier.end(copy, (), kept(copy, canonical=own.key)) == []
    assert frontier.end(other, (), kept(other, canonical=gone.key)) == []
    assert frontier.census().outcomes[WAITING] == 2
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    own, gone = frontier.take(), frontier.take()
    assert own
    assert gone
    frontier.end(own, (), kept(own))
    released = frontier.end(gone, (), Ending(ASIDE, reason="HTTP 404"))
    assert [write.what for write in released] == ["reject", "document"]
    assert frontier.census().outcomes == {KEPT: 2, COPY: 1, ASIDE: 1}


def test_what_waits_for_a_page_beyond_the_budget_is_kept_at_the_end(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", Budget(pages=1))
    frontier.add([link("copy"), link("own")])
    copy = frontier.take()
    assert copy
    frontier.end(copy, (), kept(copy, canonical=f"{SITE}/own"))
    assert [write.what for write in frontier.finish()] == ["document"]


def recrawled(tmp_path: Path, *, everything: bool = True) -> tuple[SqliteFrontier, Task]:
    """A crawl of one page that is done, and begun again."""
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link("a")])
    all_of(frontier)
    frontier.committed()
    frontier.finish()
    frontier.begin_again(everything=everything)
    task = frontier.take()
    assert task
    return frontier, task


def test_a_recrawl_has_the_validators_and_knows_what_is_unchanged(tmp_path: Path) -> None:
    frontier, task = recrawled(tmp_path)
    assert (task.etag, task.document) == ("e1", f"web:{SITE}/a")
    frontier.end(task, (), kept(task))
    assert frontier.census().outcomes == {UNCHANGED: 1}


def test_a_page_that_is_not_found_is_asked_for_once_more_before_it_is_deleted(tmp_path: Path) -> None:
    frontier, task = recrawled(tmp_path)
    assert frontier.end(task, (), Ending(GONE, transient=True)) == []
    second = frontier.take()
    assert second
    assert second.asked == 1
    assert frontier.end(second, (), Ending(GONE, transient=True)) == [Write("delete", f"web:{SITE}/a")]


@pytest.mark.parametrize("outcome", [GONE, NOINDEX])
def test_a_withdrawn_page_is_deleted_at_once(tmp_path: Path, outcome: str) -> None:
    frontier, task = recrawled(tmp_path)
    assert frontier.end(task, (), Ending(outcome)) == [Write("delete", f"web:{SITE}/a")]


def test_a_known_page_is_asked_for_again_if_its_list_says_that_it_changed(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link("a")])
    all_of(frontier)
    frontier.add([link("a", changed=1.0)])
    assert frontier.take() is None
    frontier.add([link("a", changed=4e9)])
    assert frontier.take()


def test_passing_failures_are_tried_again_by_the_next_crawl(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link(path) for path in "abc"])
    for ending in (Ending(ASIDE, reason="timed out", transient=True), Ending(ASIDE, reason="HTTP 404"), Ending(KNOWN)):
        task = frontier.take()
        assert task
        frontier.end(task, (), ending)
    frontier.finish()
    frontier.begin_again(everything=False)
    assert all_of(frontier) == [f"{SITE}/a"]


def test_the_census_can_be_read_while_the_crawl_runs(tmp_path: Path) -> None:
    frontier = SqliteFrontier(tmp_path / "f.sqlite", WIDE)
    frontier.add([link("a"), link("b", skip=".pdf")])
    census = read_census(tmp_path / "f.sqlite")
    assert (census.queued, census.reasons["skipped"], census.finished) == (1, {".pdf": 1}, 0)
    assert frontier.queued == 1


def test_a_file_that_is_no_frontier_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(FrontierError, match="move it away"):
        SqliteFrontier(tmp_path / "f.sqlite", WIDE)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(["take", "end", "kill"]), st.lists(st.integers(0, 30), max_size=4)), max_size=40))
def test_whatever_is_killed_when_everything_is_kept_once(tmp_path_factory: pytest.TempPathFactory, steps: list) -> None:
    """Any interleaving of steps and kills: in the end each known page has exactly one document, and no page ended twice."""
    path = tmp_path_factory.mktemp("f") / "f.sqlite"
    frontier = SqliteFrontier(path, WIDE)
    frontier.add([link("0")])
    known, ended, flying = {f"{SITE}/0"}, list[str](), list[Task]()
    for what, targets in steps:
        if what == "kill":
            frontier, flying = SqliteFrontier(path, WIDE), []
        elif what == "take" and (task := frontier.take()):
            flying.append(task)
        elif what == "end" and flying:
            task = flying.pop(0)
            frontier.end(task, (), kept(task, *(link(str(n), task.depth + 1) for n in targets)))
            ended.append(task.url)
            known |= {f"{SITE}/{n}" for n in targets}
    frontier = SqliteFrontier(path, WIDE)
    ended += all_of(frontier)
    assert sorted(ended) == sorted(known)
    assert len(frontier.pending()) == len(known)
