"""How much of what a run may use is used up, and what follows from that?

Three quarters of every budget are for research. Then the tools of research are withdrawn, and the last quarter is left for
writing and verifying; where that is used up too, the run ends with the report it has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from agent.models import NO_USAGE, Usage
from agent.profiles import profile_of
from agent.standing import Standing, reasons_of

KINDS = ("steps", "seconds", "tokens", "money")
RESEARCH = 0.75
"""Share of each budget after which only writing and verifying go on."""
WARNED = 0.70
"""Share at which the model is told."""
MAX_SILENCE = 3
"""Replies in a row without a tool call after which the run ends."""
MAX_FRUITLESS = 6
"""Calls of search and open in a row without a new span, after which research is over."""
MAX_STALLED = 8
"""Replies in a row that did nothing, after which the run ends."""


@dataclass(frozen=True, slots=True)
class Share:
    """One budget and what of it is used."""

    what: str
    """``steps``, ``seconds``, ``tokens`` or ``money``."""
    used: float
    limit: float

    @property
    def part(self) -> float:
        """In [0, 1] and above."""
        return self.used / self.limit

    def __str__(self) -> str:
        return f"{self.used:g} of {self.limit:g} {self.what}"


def shares(standing: Standing) -> list[Share]:
    """Every budget that has a limit. A reply whose calls are still being answered does not count against them."""
    limits = standing.limits
    used = standing.usage.read + standing.usage.written
    every = [
        Share("steps", standing.steps - bool(standing.pending), limits.steps),
        Share("seconds", round(standing.seconds, 1), limits.seconds),
        Share("tokens", used, limits.tokens),
        Share("money", round(standing.cost, 4), limits.money),
    ]
    return [share for share in every if share.limit]


def exhausted(standing: Standing, own: Usage = NO_USAGE) -> str:
    """Why the run must end now, in the asker's words; empty where it may go on. `own` was taken by its model since."""
    cost = standing.cost + standing.started.model.cost(own)
    standing = replace(standing, usage=standing.usage + own, cost=cost)
    said = reasons_of(standing)
    for share in shares(standing):
        if share.used >= share.limit:
            return said.limit.format(share.limit, said.units[KINDS.index(share.what)])
    if standing.silent >= MAX_SILENCE:
        return (said.cut if standing.cut >= standing.silent else said.silent).format(standing.silent)
    return said.stalled.format(standing.stalled) if standing.stalled >= MAX_STALLED else ""


def affords(standing: Standing, own: Usage = NO_USAGE, others: Usage = NO_USAGE) -> bool:
    """Whether tokens and money are left for one more call of a model within the call of a tool under way.

    `own` are the tokens that the run's model took in it so far, `others` those of the judge.
    """
    limits, started = standing.limits, standing.started
    used = standing.usage + own + others
    cost = standing.cost + started.model.cost(own) + (started.judge or started.model).cost(others)
    return used.read + used.written < (limits.tokens or math.inf) and cost < (limits.money or math.inf)


def research_over(standing: Standing) -> str:
    """Why no more is searched and opened, in words for the model; empty where it may be."""
    full = max(shares(standing), key=lambda share: share.part)
    if full.part >= RESEARCH:
        return f"{full} are used, and the rest is for writing and verifying"
    if standing.fruitless >= MAX_FRUITLESS:
        return f"the last {standing.fruitless} searches brought nothing new"
    return ""


def warning(standing: Standing) -> str:
    """What the model is told of its budgets, empty while there is nothing to tell."""
    if over := research_over(standing):
        return f"Research is over: {over}. Now {profile_of(standing.started.model).write_now}."
    near = [str(share) for share in shares(standing) if share.part >= WARNED]
    return f"{' and '.join(near)} are used. Search only for what is still missing, then write." if near else ""


def withdrawn(standing: Standing, tool: str, research: bool) -> str:
    """Why this tool cannot be called any more, in words for the model; empty where it can."""
    for limit in standing.limits.calls:
        if limit.tool == tool and standing.used.get(tool, 0) >= limit.calls:
            return f"{tool} may be called {limit.calls} times in a run, and was"
    return research_over(standing) if research else ""
