"""Which path of the page answers what, and who may ask?

Only this machine: the Host header must name loopback, so no other site can point a name of its own here. What changes a run is a
POST with a header that no page of another origin can send without being allowed, and nothing here allows it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.budget import shares
from agent.control import Control
from agent.detached import last_said, take_up
from agent.errors import AgentError, RunError, RunNotFound, told
from agent.events import locked
from agent.loop import stop
from agent.page.listing import Listing
from agent.page.view import Step, View, steps_of, view_of
from agent.runs import Run, has_log
from agent.standing import standing_of

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("page.js", "draw.js", "report.js")
FILES = {"/": ("index.html", "text/html"), "/page.css": ("page.css", "text/css")} | {
    f"/{name}": (name, "text/javascript") for name in SCRIPTS
}
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
WISHES = ("pause", "stop", "resume")
OURS = "x-stepwell"
"""The header that a request which changes something must have."""
LOOK = 0.3
"""Seconds between two looks at a run that is watched."""
STILL = 15.0
"""Seconds after which a stream without news says that it is there."""
MAX_STREAMS = 32
TAKING_UP = 5.0
"""Seconds that a process may take until it works on a run that it takes up."""


class Desk:
    """Answers requests about the runs of one folder."""

    def __init__(self, runs: Path, server: str) -> None:
        self.runs = runs
        self.listing = Listing(runs)
        self.server = server
        self.streams = 0

    async def listed(self, request: Request) -> Response:  # noqa: ARG002 - what a route is called with
        """Every run."""
        return _json(await asyncio.to_thread(self.listing.now))

    async def shown(self, request: Request) -> Response:
        """One run as it stands."""
        return _json(await asyncio.to_thread(_state, self.find(request), 0))

    async def watched(self, request: Request) -> Response:
        """A run as it goes on, as server-sent events."""
        run = self.find(request)
        if self.streams >= MAX_STREAMS:
            return _json({"error": f"{self.streams} pages watch already"}, 429)
        return StreamingResponse(self._news(run), media_type="text/event-stream")

    async def asked(self, request: Request) -> Response:
        """Pause, stop or resume a run."""
        run, wish = self.find(request), request.path_params["wish"]
        if wish not in WISHES:
            return _json({"error": f"no such wish; there are {', '.join(WISHES)}"}, 404)
        return _json({"done": await asyncio.to_thread(self._do, run, wish)})

    def find(self, request: Request) -> Run:
        """The run of that very name. Raises RunNotFound."""
        name = request.path_params["name"]
        if name in (".", "..") or "/" in name or not has_log(self.runs / name):
            raise RunNotFound(f"no run called {name[:100]!r}")
        return Run(self.runs / name)

    def _do(self, run: Run, wish: str) -> str:
        standing = standing_of(run.events())
        over = standing.reported is not None
        control = Control(run.path)
        if wish == "resume":
            if locked(run.log):
                control.ask("")
                return "it goes on"
            if over and (used := [share for share in shares(standing) if share.part >= 1]):
                more = f"`stepwell agent resume {run.typed} --max-{used[0].what} N` goes on with more"
                raise RunError(f"{used[0]} are used up; {more}")
            return self._taken_up(run)
        if over:
            return "it is over"
        if not locked(run.log):
            if wish == "stop":
                stop(run, "stopped", left=True)
            return "nobody worked on it"
        control.ask(wish)
        return f"{wish} is asked for"

    def _taken_up(self, run: Run) -> str:
        """Say so once a process works on it. Raises RunError with what that process said where it ended before."""
        size = run.log.stat().st_size
        process, until = take_up(run, self.server), time.monotonic() + TAKING_UP
        while time.monotonic() < until and not locked(run.log) and run.log.stat().st_size == size:
            if process.poll() is not None:
                raise RunError(f"it could not be taken up: {last_said(run)}")
            time.sleep(LOOK)
        return "it is taken up"

    async def _news(self, run: Run) -> AsyncIterator[bytes]:
        self.streams += 1
        before: tuple[object, ...] = ()
        seen, quiet = 0, 0.0
        try:
            while True:  # until the page goes: then this is cancelled
                try:
                    now = await asyncio.to_thread(_signature, run)
                    state = await asyncio.to_thread(_state, run, seen) if now != before else None
                except (AgentError, OSError) as error:  # such as a log that was damaged, or is gone
                    yield b"data: " + orjson.dumps({"error": told(error)}) + b"\n\n"
                    return
                if state:
                    yield b"data: " + orjson.dumps(state) + b"\n\n"
                    before, seen, quiet = now, state.next, 0.0
                elif quiet >= STILL:
                    yield b": still here\n\n"
                    quiet = 0.0
                await asyncio.sleep(LOOK)
                quiet += LOOK
        finally:
            self.streams -= 1


def app(runs: Path, server: str) -> Starlette:
    """The whole of it."""
    desk = Desk(runs, server)
    routes = [Route(path, _file(name, kind)) for path, (name, kind) in FILES.items()]
    routes += [
        Route("/favicon.ico", _nothing),  # browsers ask for it whatever the page says
        Route("/runs", desk.listed),
        Route("/runs/{name}", desk.shown),
        Route("/runs/{name}/events", desk.watched),
        Route("/runs/{name}/{wish}", desk.asked, methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Border)], exception_handlers={AgentError: _failed, OSError: _failed})


class Border:
    """Stands before the app: refuses what is not this machine's own page, and dresses every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] == "http" and (refusal := _refusal(scope["method"], Headers(scope=scope))):
            await _json({"error": refusal}, 403)(scope, receive, dressed)
            return
        await self.app(scope, receive, dressed)


def _refusal(method: str, headers: Headers) -> str:
    """Why this request is not answered; empty where it is."""
    host = headers.get("host", "")
    if not _loopback(host):
        return f"this page does not answer to the host {host[:100]!r}"
    if method in ("GET", "HEAD"):
        return ""
    origin = headers.get("origin", "")
    if origin and origin != f"http://{host}":
        return f"pages of {origin[:100]!r} may change nothing here"
    return "" if OURS in headers else f"what changes a run needs the header {OURS}"


def _loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _file(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def send(request: Request) -> Response:  # noqa: ARG001 - what a route is called with
        return FileResponse(STATIC / name, media_type=kind)

    return send


def _signature(run: Run) -> tuple[object, ...]:
    """What changes when there is news."""
    live, log = run.path / "live.md", run.log.stat()
    said = live.stat().st_mtime_ns if live.exists() else 0
    return log.st_size, said, locked(run.log), Control(run.path).wanted


@dataclass(frozen=True, slots=True)
class State:
    """What the page is sent at once."""

    view: View
    steps: list[Step]
    """Those that are new to it."""
    next: int
    """Number of events so far."""
    live: str
    """The reply under way."""
    wanted: str
    """``pause`` or ``stop`` where that is asked for."""


def _state(run: Run, seen: int) -> State:
    """The run now; the steps are those from event `seen` on."""
    events = run.events()
    try:
        live = (run.path / "live.md").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        live = ""
    return State(view_of(run, events), steps_of(events[seen:]), len(events), live, Control(run.path).wanted)


async def _failed(_: Request, error: Exception) -> Response:
    return _json({"error": told(error)}, 404 if isinstance(error, RunNotFound) else 409)


async def _nothing(_: Request) -> Response:
    return Response(status_code=204)


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
