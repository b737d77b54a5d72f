"""Who asks while something goes wrong, and what becomes of it?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx

from benchmarks.faults.fault import Fault
from benchmarks.faults.site import Site
from benchmarks.faults.truth import Answer, K, Truth
from server.client import Client, Ranking
from server.errors import ServerError

OVER_GRPC, OVER_HTTP = 3, 2
"""Callers of each wire, one request at a time each."""
BATCH = 2
"""Queries in a request."""
ATTEMPTS, PAUSE = 5, 0.2
"""Over HTTP, as any client of a search does, where the connection breaks or the server is about to end."""


Note = Callable[[float, list[Answer], list[str]], None]
"""Told of each request: when it began, what was answered, what failed."""


@dataclass(slots=True)
class Seen:
    """What became of the requests."""

    sent: int = 0
    failures: list[str] = field(default_factory=list)
    """In words."""
    answers: list[tuple[float, Answer]] = field(default_factory=list)
    """With the time.monotonic() at which they arrived."""
    seconds: list[float] = field(default_factory=list)
    """That each request took, retries included."""

    def fault(self, name: str, truth: Truth, **counts: float) -> Fault:
        """The row, every answer compared."""
        mixed = [answer for _, answer in self.answers if not truth.holds(answer)]
        first = self.failures[0] if self.failures else str(mixed[0]) if mixed else ""
        slowest = {"slowest ms": round(max(self.seconds, default=0) * 1000)}
        return Fault(name, self.sent, len(self.failures), len(mixed), counts | slowest, first)


@contextmanager
def asking(site: Site, queries: Sequence[str]) -> Iterator[Seen]:
    """Callers ask until the block ends."""
    seen, done, lock = Seen(), threading.Event(), threading.Lock()

    def note(began: float, answers: list[Answer], failures: list[str]) -> None:
        now = time.monotonic()
        with lock:
            seen.sent += 1
            seen.answers += [(now, answer) for answer in answers]
            seen.failures += failures[:1]
            seen.seconds.append(now - began)

    def batches(start: int) -> Iterator[list[str]]:
        turned = cycle([*queries[start:], *queries[:start]])
        while not done.is_set():
            yield [next(turned) for _ in range(BATCH)]

    threads = [
        *(threading.Thread(target=_over_grpc, args=(site, batches(n % len(queries)), note)) for n in range(OVER_GRPC)),
        *(threading.Thread(target=_over_http, args=(site, batches(n % len(queries)), note)) for n in range(OVER_HTTP)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _over_grpc(site: Site, batches: Iterator[list[str]], note: Note) -> None:
    with Client(site.address, timeout=30, access=site.access) as client:
        for texts in batches:
            began = time.monotonic()
            try:
                outcomes = client.batch_search(texts, k=K, passages=0)
            except ServerError as error:
                note(began, [], [f"gRPC: {type(error).__name__}: {error}"])
                continue
            note(
                began,
                [_answer(text, one) for text, one in zip(texts, outcomes, strict=True) if isinstance(one, Ranking)],
                [f"gRPC: {one.code}: {one.message}" for one in outcomes if not isinstance(one, Ranking)],
            )


def _answer(text: str, ranking: Ranking) -> Answer:
    hits = tuple((hit.doc_id, hit.score) for hit in ranking.hits)
    return Answer(text, ranking.snapshot, ranking.authority_version, hits, ranking.coverage)


def _over_http(site: Site, batches: Iterator[list[str]], note: Note) -> None:
    headers = {"authorization": f"Bearer {site.access.key}"} if site.access.key else {}
    with httpx.Client(base_url=site.http, headers=headers, timeout=30, trust_env=False) as client:
        for texts in batches:
            began = time.monotonic()
            body = {"queries": [{"text": text, "k": K, "passages": 0} for text in texts]}
            reply, words = _posted(client, body)
            if reply is None:
                note(began, [], [f"HTTP: {words}"])
                continue
            outcomes = reply.json()["outcomes"]
            note(
                began,
                [_of_json(text, one["ranking"]) for text, one in zip(texts, outcomes, strict=True) if "ranking" in one],
                [f"HTTP: {one['failure']}" for one in outcomes if "failure" in one],
            )


def _posted(client: httpx.Client, body: object) -> tuple[httpx.Response | None, str]:
    words = ""
    for attempt in range(ATTEMPTS):
        try:
            reply = client.post("/v1/batch_search", json=body)
        except httpx.TransportError as error:
            words = f"{type(error).__name__}: {error}"
        else:
            if reply.status_code == 200:
                return reply, ""
            words = f"{reply.status_code} {reply.text[:200]}"
            if reply.status_code != 503:
                return None, words
        time.sleep(PAUSE * 2**attempt)
    return None, words


def _of_json(text: str, ranking: dict[str, Any]) -> Answer:
    hits = tuple((hit["doc_id"], hit["score"]) for hit in ranking["hits"])
    return Answer(text, ranking["snapshot"], ranking["authority_version"], hits, tuple(ranking["coverage"]))
