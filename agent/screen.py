"""What does a person at a terminal see of a run under way?

One screen, drawn anew as events come: budgets, plan, the last steps, evidence, verdicts, and the reply under way. Made from the
same events as the page and the lines of `agent.watch`; where there is no terminal, those lines are what is printed.
"""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from agent.budget import RESEARCH, WARNED, Share, shares
from agent.known import Known
from agent.language import LABELS
from agent.many import many
from agent.report import VERDICTS, spent, verdicts_of
from agent.runs import Run, draft_of
from agent.standing import Standing
from agent.terminal import printable
from agent.trajectory import Event, Item, Returned
from agent.watch import line_of

PLAN = 8
"""Lines of the plan, around what is being done."""
LEAST = 4
"""Steps that are shown however small the terminal."""
REPLY = 3
"""Last lines of the reply under way."""
BAR = 30
"""Characters of a bar."""
FRAMES = 4
"""Redraws a second at most."""
MARKS = {"completed": "✓", "in_progress": "▸", "blocked": "✗"}
COLOURS = dict(zip(VERDICTS, ("green", "yellow", "red", "bright_black", "magenta"), strict=True))


class Screen:
    """The screen while it is open; its last frame stays when it closes."""

    def __init__(self, run: Run, console: Console) -> None:
        self._run = run
        self._console = console
        self._known = Known([], run.blobs)
        self._lines: list[Text] = []
        self._verdicts: Counter[str] = Counter()
        self._live = Live(get_renderable=self.frame, console=console, refresh_per_second=FRAMES, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._live.stop()

    def take(self, event: Event) -> None:
        """One more event."""
        self._known.take(event)
        if line := line_of(event):
            failed = isinstance(event.payload, Returned) and not event.payload.ok
            self._lines.append(Text(printable(line), "red" if failed else "", no_wrap=True, overflow="ellipsis"))
        if isinstance(event.payload, Returned) and (event.payload.files or event.payload.checked):
            standing = self._known.standing()
            drafted = draft_of(self._run, standing)
            self._verdicts = Counter(c.verdict for _, c in verdicts_of(drafted, standing, self._known.evidence))

    def frame(self) -> RenderableType:
        """The screen as it is now."""
        if not self._known.events:
            return Text("…")
        standing = self._known.standing()
        parts: list[RenderableType] = [_head(standing), _bars(shares(standing)), *_plan(standing.todo)]
        foot: list[RenderableType] = [self._evidence(), *self._reply()]
        used = sum(len(self._console.render_lines(part)) for part in (*parts, *foot)) + 2
        room = max(LEAST, self._console.height - used)
        return Group(*parts, Text("Steps", "bold"), *self._lines[-room:], *foot)

    def _evidence(self) -> Text:
        evidence = self._known.evidence
        tiers = Counter(source.tier or "unlisted" for source in evidence.sources.values())
        of = ", ".join(f"{n} {printable(tier)}" for tier, n in tiers.most_common(4))
        said = Text.assemble(("Evidence ", "bold"), f"{many(len(evidence.sources), 'source')}{f' ({of})' * bool(of)}, ")
        said.append(many(len(evidence.spans), "span"))
        if self._verdicts:
            said.append("\nVerdicts ", "bold")
        for verdict in VERDICTS:
            if n := self._verdicts[verdict]:
                said.append(f"{n} {verdict}  ", COLOURS[verdict])
        return said

    def _reply(self) -> list[RenderableType]:
        try:
            text = (self._run.path / "live.md").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        lines = [printable(line) for line in text.splitlines() if line.strip()][-REPLY:]
        return [Text(f"│ {line}", "dim", no_wrap=True, overflow="ellipsis") for line in lines]


def _head(standing: Standing) -> Text:
    ended = standing.ended
    status = "paused" if standing.paused else "running" if not ended else "complete" if ended.complete else "partial"
    colour = {"complete": "green", "partial": "yellow", "paused": "yellow"}.get(status, "cyan")
    head = Text.assemble((status, f"bold {colour}"), "  ", (printable(standing.started.question)[:400], "bold"))
    return head.append(f"\n{printable(str(standing.started.model))}   {spent(standing, LABELS['en'])}".rstrip(), "dim")


def _bars(budgets: list[Share]) -> Table:
    table = Table.grid(padding=(0, 1))
    for share in budgets:
        colour = "red" if share.part >= RESEARCH else "yellow" if share.part >= WARNED else "green"
        bar = ProgressBar(share.limit, min(share.used, share.limit), BAR, complete_style=colour, finished_style=colour)
        table.add_row(share.what, bar, f"{share.used:,g} of {share.limit:,g}")
    return table


def _plan(items: tuple[Item, ...]) -> list[RenderableType]:
    if not items:
        return []
    at = next((i for i, item in enumerate(items) if item.status != "completed"), len(items))
    first = max(0, min(at - 2, len(items) - PLAN))
    done = sum(item.status == "completed" for item in items)
    lines: list[RenderableType] = [Text.assemble(("Plan", "bold"), f" {done} of {len(items)} done")]
    for item in items[first : first + PLAN]:
        style = {"completed": "dim", "in_progress": "bold", "blocked": "red"}.get(item.status, "")
        text = f" {MARKS.get(item.status, '○')} {printable(item.text)}"
        lines.append(Text(text, style, no_wrap=True, overflow="ellipsis"))
    return lines
