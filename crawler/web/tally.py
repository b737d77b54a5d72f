"""What became of a crawl: how is it told, to people and to programs?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.web.frontier import (
    ASIDE,
    COPY,
    FETCHED,
    GONE,
    KEPT,
    KNOWN,
    LISTED,
    MOVED,
    NOINDEX,
    ROBOTS,
    SKIPPED,
    UNCHANGED,
    WAITING,
    Census,
)

SHOWN_HOSTS = 20
"""Hosts that are listed one by one; the rest is summed up."""


@dataclass(slots=True)
class Tally:
    """What this process did, beside what the frontier records of the whole crawl."""

    ended: int = 0
    """URLs that ended in this process."""
    aside: int = 0
    elsewhere: int = 0
    """Lines of sitemaps and feeds that lie outside the crawl."""
    misread: int = 0
    """Lines of a list that are no URLs, and were set aside."""
    failed_starts: dict[str, str] = field(default_factory=dict)
    """Start URLs that could not be fetched, and why."""
    corpus_failure: Exception | None = None
    """What kept the corpus from being written; ends the crawl."""


def as_json(census: Census, tally: Tally | None = None) -> dict[str, object]:
    """A crawl for --json."""
    outcomes = census.outcomes
    found: dict[str, object] = {
        "fetched": sum(outcomes[outcome] for outcome in FETCHED),
        "kept": outcomes[KEPT],
        "unchanged": outcomes[UNCHANGED],
        "gone": outcomes[GONE],
        "set_aside": dict(census.reasons.get(ASIDE, {})),
        "skipped": dict(census.reasons.get(SKIPPED, {})),
        "refused_by_robots": outcomes[ROBOTS],
        "noindex": outcomes[NOINDEX],
        "duplicates": outcomes[COPY],
        "redirects_to_known": outcomes[KNOWN],
        "redirect_hops": outcomes[MOVED],
        "lists": outcomes[LISTED],
        "waiting": outcomes[WAITING],
        "queued": census.queued,
        "bytes": census.bytes,
        "stopped_at_budget": any(host.spent for host in census.hosts),
        "finished": census.finished > 0,
        "hosts": {
            host.host: {
                "tier": host.tier,
                "asked": host.asked,
                "bytes": host.bytes,
                "queued": host.queued,
                "kept": host.kept,
                "set_aside": host.aside,
            }
            for host in census.hosts
        },
    }
    if tally:
        found |= {"in_this_run": tally.ended, "listed_elsewhere": tally.elsewhere, "failed_starts": tally.failed_starts}
        found["not_urls"] = tally.misread
    return found


def as_lines(census: Census, tally: Tally | None = None) -> Iterator[str]:
    """A crawl for people; what did not happen is left out."""
    outcomes = census.outcomes
    spent = sum(host.spent for host in census.hosts)
    yield _line("fetched", sum(outcomes[outcome] for outcome in FETCHED), f"{census.bytes / 1e6:,.1f} MB")
    yield _line("kept", outcomes[KEPT])
    yield _line("unchanged", outcomes[UNCHANGED])
    yield _line("set aside", outcomes[ASIDE], _by_reason(census.reasons.get(ASIDE, Counter())))
    for label, count, detail in (
        ("skipped", outcomes[SKIPPED], _by_reason(census.reasons.get(SKIPPED, Counter()))),
        ("refused by robots", outcomes[ROBOTS], _by_reason(census.reasons.get(ROBOTS, Counter()))),
        ("ask not to be kept", outcomes[NOINDEX], ""),
        ("copies", outcomes[COPY], "of a page that was kept under its canonical URL"),
        ("redirects", outcomes[KNOWN], "to a page that was asked for anyway"),
        ("gone", outcomes[GONE], "withdrawn by their site, and from the corpus"),
        ("sitemaps and feeds", outcomes[LISTED], ""),
        ("listed elsewhere", tally.elsewhere if tally else 0, "URLs of sitemaps and feeds outside the crawl"),
        ("not a URL", tally.misread if tally else 0, "lines of the list, set aside"),
        ("waiting", outcomes[WAITING], "for the page that they name as canonical"),
        ("queued", census.queued, f"{spent:,} of {len(census.hosts):,} hosts have used up their budget" if spent else ""),
    ):
        if count:
            yield _line(label, count, detail)
    if len(census.hosts) > 1:
        yield ""
        yield f"{'host':<40}{'tier':>6}{'asked':>9}{'MB':>9}{'queued':>9}{'kept':>9}{'aside':>9}"
        for host in census.hosts[:SHOWN_HOSTS]:
            size = f"{host.bytes / 1e6:,.1f}"
            line = f"{host.host:<40}{host.tier:>6.1f}{host.asked:>9,}{size:>9}{host.queued:>9,}{host.kept:>9,}{host.aside:>9,}"
            yield line + ("  budget used up" if host.spent else "")
        if len(census.hosts) > SHOWN_HOSTS:
            yield f"… and {len(census.hosts) - SHOWN_HOSTS:,} more"


def state_of(census: Census, *, running: bool) -> str:
    """`running since …`, ``finished …`` or ``interrupted; …``."""
    began, finished = (time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) for at in (census.began, census.finished))
    if running:
        return f"running since {began}"
    return f"finished {finished}" if census.finished else f"interrupted; began {began}, the same command goes on"


def _line(label: str, count: int, detail: str = "") -> str:
    return f"{label:<20}{count:>8,}  {detail}".rstrip()


def _by_reason(counter: Counter[str]) -> str:
    return ", ".join(f"{reason} {count:,}" if reason else f"{count:,}" for reason, count in counter.most_common())
