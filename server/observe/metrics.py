"""How is the server doing, in numbers?

With several workers each writes its numbers to a file of its own, in a folder that the supervisor names, and whichever is asked
adds them all up; a worker that died has been counted.

Counters, histograms and gauges in Prometheus' text format, with a registry of the server's own. Labels are few and closed:
method, status, caller never (a key a label would grow without bound).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from server.observe.calls import Call
from server.overview import MethodCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ranker.search import Searcher

BUCKETS = (
    0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2,
    3, 5, 10, 30,
)  # fmt: skip
"""Seconds; from a cached query to a client's whole patience, close enough for a quantile within a quarter."""
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus_client looks, when it is imported, for the folder that processes share."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class InFlight:
    """Calls that this process is answering, over both wires."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self.calls = 0
        """Now."""

    def begin(self) -> None:
        """One more."""
        self.calls += 1
        self._gauge.inc()

    def end(self) -> None:
        """One less."""
        self.calls -= 1
        self._gauge.dec()


class Metrics:
    """The numbers of one server."""

    def __init__(self, searcher: Searcher) -> None:
        self.registry = CollectorRegistry()
        self._searcher = searcher
        self._calls = Counter("stepwell_calls", "Calls that have ended", ["method", "code"], registry=self.registry)
        self._asked = Counter("stepwell_asked", "Queries and documents asked for", ["method"], registry=self.registry)
        self._failed = Counter("stepwell_failed", "Of them, outcomes that are failures", ["method"], registry=self.registry)
        self._seconds = Histogram(
            "stepwell_call_seconds", "Seconds from request to reply", ["method"], buckets=BUCKETS, registry=self.registry
        )
        self.in_flight = InFlight(
            Gauge("stepwell_calls_in_flight", "Calls being answered", registry=self.registry, multiprocess_mode="livesum")
        )
        self.reloads = Counter("stepwell_reloads", "Snapshots, tables and key files taken up", registry=self.registry)
        self.stale = Gauge(
            "stepwell_reload_failing",
            "1 while what is on disk cannot be taken up",
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._series: dict[tuple[str, str], tuple[Counter, Counter, Counter, Histogram]] = {}
        self._starts = Counter("stepwell_worker_starts", "Processes that began to serve", registry=self.registry)
        self._starts.inc()
        self.registry.register(_Served(searcher))

    def note(self, call: Call) -> None:
        """Count a call that has ended."""
        calls, asked, failed, seconds = self._of(call.method, call.code)
        calls.inc()
        asked.inc(call.asked)
        if call.failed:
            failed.inc(call.failed)
        seconds.observe(call.ms / 1000)

    def _of(self, method: str, code: str) -> tuple[Counter, Counter, Counter, Histogram]:
        """The series of a method and a status; to look one up takes longer than to count."""
        if (method, code) not in self._series:
            of_method = self._asked.labels(method), self._failed.labels(method), self._seconds.labels(method)
            self._series[method, code] = self._calls.labels(method, code), *of_method
        return self._series[method, code]

    def text(self) -> bytes:
        """Everything in Prometheus' text format 0.0.4; counts are those of all workers, what is served is this one's."""
        everybody = self._everybody()
        if everybody is not self.registry:
            everybody.register(_Served(self._searcher))
        return generate_latest(everybody)

    def calls(self) -> list[MethodCalls]:
        """Calls of all workers that have ended, by method."""
        codes: dict[str, dict[str, int]] = {}
        times: dict[str, dict[float, int]] = {}
        for sample in (sample for family in self._everybody().collect() for sample in family.samples):
            if sample.name == "stepwell_calls_total":
                codes.setdefault(sample.labels["method"], {})[sample.labels["code"]] = int(sample.value)
            elif sample.name == "stepwell_call_seconds_bucket":
                times.setdefault(sample.labels["method"], {})[float(sample.labels["le"])] = int(sample.value)
        return [
            MethodCalls(
                method,
                sum(ended.values()),
                sum(ended.values()) - ended.get("OK", 0),
                ended.get("RESOURCE_EXHAUSTED", 0),
                tuple(sorted(times.get(method, {}).items())),
            )
            for method, ended in sorted(codes.items())
        ]

    def _everybody(self) -> CollectorRegistry:
        """The numbers of all workers; of several, without what is served."""
        if FOLDER not in os.environ:
            return self.registry
        everybody = CollectorRegistry()
        everybody.register(_OfAll(None))  # type: ignore[no-untyped-call]
        return everybody


class _OfAll(MultiProcessCollector):
    """The numbers of all workers, those left out that a worker has only begun to write, or was killed as it began."""

    def collect(self) -> Any:
        """As its parent does, which fails over an empty file."""
        files = [str(file) for file in Path(os.environ[FOLDER]).glob("*.db") if _size(file)]
        return self.merge(files, accumulate=True)  # type: ignore[no-untyped-call]


def _size(file: Path) -> int:
    """Bytes; 0 for a gauge that went with its worker."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


class _Served(Collector):
    """What is served, read when it is asked for."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def collect(self) -> Iterator[InfoMetricFamily | GaugeMetricFamily]:
        """The snapshot and its size."""
        status = self._searcher.status
        versions = {"snapshot": status.snapshot, "authority": status.authority_version, "encoder": status.encoder,
                    "calibration": status.calibration}  # fmt: skip
        yield InfoMetricFamily("stepwell_serving", "What answers now", value=versions)
        yield GaugeMetricFamily("stepwell_documents", "Documents in the snapshot", value=status.documents)
        yield GaugeMetricFamily("stepwell_passages", "Passages in the snapshot", value=status.passages)
