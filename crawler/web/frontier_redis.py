"""How do several machines share one frontier?

On a Redis server, in the lists of scrapy-redis. Its own queue forgets a request as it hands it out, so a killed worker would take
it along; here `pop` moves it to a list of what is being done (RPOPLPUSH, the reliable queue of the Redis manual), and it leaves
that list when the worker's corpus has its document. A host belongs to one worker at a time, by a lease, so that its pace is kept
by one clock; when a worker falls silent, its lease lapses, and the next worker begins with what it had not finished. Each worker
writes a corpus of its own.
"""

from __future__ import annotations

import base64
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import redis
from scrapy_redis.queue import FifoQueue

from crawler.web.frontier import (
    ASIDE,
    COPY,
    GONE,
    KEPT,
    NOINDEX,
    SKIPPED,
    UNCHANGED,
    WAITING,
    Budget,
    Census,
    Ending,
    HostState,
    Link,
    Task,
    Write,
    host_key,
)

LEASE = 30.0
"""Seconds after its last sign of life in which a worker keeps its hosts."""
RENEWAL = 8.0
"""Seconds between two signs of life."""
HOSTS_HELD = 64
"""Hosts that one worker holds at a time, so that there are some for the others."""

_ADD = """
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[5] ~= '' then redis.call('HINCRBY', KEYS[4], ARGV[5], 1) return 1 end
redis.call(ARGV[4], KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[6])
return 1
"""
"""In one step: a URL that is not known is known and queued. Returns 1 if it was not known."""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class _Named:
    """What scrapy-redis wants of a spider."""

    name: str


class HostQueue(FifoQueue):  # type: ignore[misc]
    """scrapy-redis' list of one host, first in, first out; holds Tasks as JSON, since its pickles would run what they hold."""

    @property
    def doing(self) -> str:
        """The list of what was handed out."""
        return f"{self.key}:doing"

    def pop(self, timeout: int = 0) -> Task | None:  # noqa: ARG002 - the library's interface
        """Hand one out; it stays in `doing`."""
        found = self.server.rpoplpush(self.key, self.doing)
        return Task(*orjson.loads(found)) if found else None

    def resume(self) -> None:
        """Put back what a worker that fell silent was doing; it comes first."""
        while self.server.lmove(self.doing, self.key, "LEFT", "RIGHT"):
            pass

    def _encode_request(self, task: Task) -> bytes:
        return encoded(task)


def encoded(task: Task) -> bytes:
    """A task as it is stored, the same bytes each time."""
    return orjson.dumps([task.key, task.url, task.depth, task.kind, task.etag, task.modified, task.document, task.asked])


class RedisFrontier:
    """One worker's view of the shared frontier."""

    commit_seconds = 5.0
    """What this worker has not committed, others would do again."""

    def __init__(self, url: str, name: str, budget: Budget, tier_of: Callable[[str], float] = lambda _: 0.0) -> None:
        self._server: Any = redis.Redis.from_url(url)
        self._server.ping()
        self._prefix, self._budget, self._tier_of = f"stepwell:{name}", budget, tier_of
        self._worker = uuid.uuid4().hex
        self._add_script, self._renew, self._release = map(self._server.register_script, (_ADD, _RENEW, _RELEASE))
        self._known: set[str] = set()
        self._mine: set[str] = set()
        self._busy: Counter[str] = Counter()
        self._done: list[tuple[str, bytes, str, str, str]] = []  # host, task, key, outcome, reason; not yet committed
        self._server.hsetnx(self._at("crawl"), "began", time.time())
        self._server.hset(self._at("crawl"), mapping={"max_pages": budget.pages, "max_bytes": budget.bytes})
        self._stop = threading.Event()
        threading.Thread(target=self._keep_leases, args=(url,), daemon=True).start()

    @property
    def queued(self) -> int:
        """URLs that wait, on all hosts."""
        return sum(len(self._queue(host)) for host in self._hosts())

    # Asking

    def knows(self, key: str) -> bool:
        """True if this URL is queued or has ended."""
        if key not in self._known and self._server.sismember(self._at("seen"), key):
            self._known.add(key)
        return key in self._known

    def add(self, links: Iterable[Link]) -> None:
        """Queue what is not known yet."""
        for link in links:
            if link.key not in self._known:
                self._insert(link)

    def claim(self, link: Link) -> bool:
        """Take a redirect's target; if this worker is killed, the page that led there is asked for again, and it with it."""
        return bool(self._server.sadd(self._at("seen"), link.key)) or bool(
            self._server.hget(self._at("claims"), link.key) and not self._server.sismember(self._at("ended"), link.key)
        )

    def take(self) -> Task | None:
        """The next URL of a host that this worker holds, or may take over."""
        for host in self._hosts():
            if self._busy[host] >= self._budget.at_once or self._spent(host) or not self._hold(host):
                continue
            if task := self._queue(host).pop():
                self._busy[host] += 1
                self._server.hincrby(self._at("asked"), host, 1)
                return task
        return None

    def waits(self) -> bool:
        """True while any worker has something to do: it may find links for this one, or fall silent."""
        mine = Counter(host for host, *_ in self._done)
        for host in self._hosts():
            queue = self._queue(host)
            if self._server.llen(queue.doing) > mine[host] or (len(queue) and not self._spent(host)):
                return True
        return False

    def _insert(self, link: Link) -> None:
        self._known.add(link.key)
        host = host_key(link.url)
        task = Task(link.key, link.url, link.depth, link.kind)
        keys = [self._at("seen"), self._queue(host).key, self._at("hosts"), self._at("skipped")]
        self._add_script(
            keys, [link.key, encoded(task), self._tier_of(link.url), "RPUSH" if link.front else "LPUSH", link.skip, host]
        )

    def _hold(self, host: str) -> bool:
        if host in self._mine:
            return True
        lease = self._at(f"lease:{host}")
        if len(self._mine) >= HOSTS_HELD or not self._server.set(lease, self._worker, nx=True, px=int(LEASE * 1000)):
            return False
        self._mine.add(host)
        self._queue(host).resume()
        return True

    def _keep_leases(self, url: str) -> None:
        """In a thread with a connection of its own: a busy reactor must not cost the lease, a killed process must."""
        server = redis.Redis.from_url(url)
        renew = server.register_script(_RENEW)
        while not self._stop.wait(RENEWAL):
            for host in list(self._mine):
                if not renew([self._at(f"lease:{host}")], [self._worker, int(LEASE * 1000)]):
                    self._mine.discard(host)  # it lapsed: another worker has the host now
        server.close()

    def _spent(self, host: str) -> bool:
        asked, size = self._server.hget(self._at("asked"), host), self._server.hget(self._at("bytes"), host)
        return int(asked or 0) >= self._budget.pages or int(size or 0) >= self._budget.bytes

    # Ending

    def end(self, task: Task, hops: Sequence[str], ending: Ending) -> list[Write]:
        """The links are queued now; the task is done when `committed` says so."""
        last = hops[-1] if hops and ending.outcome in (KEPT, NOINDEX) else task.key
        self._busy[task.host] -= 1
        self._server.hincrby(self._at("bytes"), task.host, ending.size)
        self.add(ending.links)
        writes = [Write("outlinks", last, ending.outlinks)] if ending.outlinks else []
        outcome = ending.outcome
        if outcome == ASIDE:
            writes.append(Write("reject", task.url, ending.excerpt.encode(errors="replace"), ending.reason))
        elif outcome == GONE:
            writes.append(Write("delete", task.document))
        elif outcome == KEPT:
            outcome = self._place(last, task.url, ending, writes)
        for key in {task.key, *hops}:
            writes += self._released(key)
            self._server.sadd(self._at("ended"), key)
        self._done.append((task.host, encoded(task), last, outcome, ending.reason))
        return writes

    def _place(self, key: str, url: str, ending: Ending, writes: list[Write]) -> str:
        if ending.canonical and ending.canonical != key:
            holder = self._server.hget(self._at("documents"), ending.doc_id)
            if holder and holder.decode() != key:
                return COPY
            known = self._server.sismember(self._at("seen"), ending.canonical)
            if known and not self._server.sismember(self._at("ended"), ending.canonical):
                page = orjson.dumps([ending.doc_id, url, base64.b64encode(ending.document).decode()])
                self._server.hset(self._at(f"waiting:{ending.canonical}"), key, page)
                return WAITING
        self._server.hset(self._at("documents"), ending.doc_id, key)
        writes.append(Write("document", url, ending.document))
        return KEPT

    def _released(self, key: str) -> list[Write]:
        waiting, writes = self._at(f"waiting:{key}"), []
        for page, found in self._server.hgetall(waiting).items():
            doc_id, url, body = orjson.loads(found)
            taken = not self._server.hsetnx(self._at("documents"), doc_id, page)
            if not taken:
                writes.append(Write("document", url, base64.b64decode(body)))
            self._server.hincrby(self._at("outcomes"), WAITING, -1)
            self._server.hincrby(self._at("outcomes"), COPY if taken else KEPT, 1)
        self._server.delete(waiting)
        return writes

    def pending(self) -> list[Write]:
        """Nothing: what a killed worker had not committed is asked for again."""
        return []

    def committed(self) -> None:
        """In one transaction, what was ended leaves the lists of what is being done."""
        pipe = self._server.pipeline(transaction=True)
        for host, task, _, outcome, reason in self._done:
            pipe.lrem(self._queue(host).doing, 1, task)
            pipe.hincrby(self._at("outcomes"), outcome, 1)
            pipe.hincrby(self._at(f"reasons:{outcome}"), reason, 1)
            pipe.hincrby(self._at(f"outcomes:{outcome}"), host, 1)
        pipe.execute()
        self._done.clear()

    def finish(self) -> list[Write]:
        """Gives what waited for pages that nobody asked for; the worker that ends last gets it."""
        if self.waits():
            return []
        writes = []
        prefix = self._at("waiting:")
        for name in list(self._server.scan_iter(match=f"{prefix}*")):
            writes += self._released(name.decode().removeprefix(prefix))
        self._server.hset(self._at("crawl"), "finished", time.time())
        return writes

    def census(self) -> Census:
        """The crawl of all workers so far."""
        census = Census()
        values = {name.decode(): float(value) for name, value in self._server.hgetall(self._at("crawl")).items()}
        census.began, census.finished = values.get("began", 0.0), values.get("finished", 0.0)
        for outcome, count in self._counts("outcomes").items():
            if count:
                census.outcomes[outcome] = count
            census.reasons[outcome] = self._counts(f"reasons:{outcome}")
        if skipped := self._counts("skipped"):
            census.outcomes[SKIPPED] += skipped.total()
            census.reasons[SKIPPED] = census.reasons.get(SKIPPED, Counter()) + skipped
        asked, size = self._counts("asked"), self._counts("bytes")
        kept, same, aside = (self._counts(f"outcomes:{outcome}") for outcome in (KEPT, UNCHANGED, ASIDE))
        for host in self._hosts():
            tier = float(self._server.zscore(self._at("hosts"), host) or 0.0)
            queued = len(self._queue(host)) + self._server.llen(self._queue(host).doing)
            spent = bool(queued) and self._spent(host)
            census.hosts.append(
                HostState(host, tier, asked[host], size[host], queued, kept[host] + same[host], aside[host], spent)
            )
        census.hosts.sort(key=lambda host: (-host.queued, host.host))
        census.queued, census.bytes = sum(host.queued for host in census.hosts), size.total()
        return census

    def close(self) -> None:
        """Give back the leases, so that others need not wait for them to lapse."""
        self._stop.set()
        for host in self._mine:
            self._release([self._at(f"lease:{host}")], [self._worker])
        self._server.close()

    def _counts(self, name: str) -> Counter[str]:
        return Counter({key.decode(): int(value) for key, value in self._server.hgetall(self._at(name)).items()})

    def _hosts(self) -> list[str]:
        """Higher tiers first."""
        return [host.decode() for host in self._server.zrevrange(self._at("hosts"), 0, -1)]

    def _queue(self, host: str) -> HostQueue:
        return HostQueue(self._server, _Named("site"), self._at(f"queue:{host}").replace("%", "%%"), serializer=orjson)

    def _at(self, name: str) -> str:
        return f"{self._prefix}:{name}"
