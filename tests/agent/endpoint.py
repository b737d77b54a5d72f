"""What does a scripted endpoint answer, on a real socket?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson


class Answer:
    """What the endpoint does with one request: a whole body, held back or dripped."""

    def __init__(self, body: object = b"", status: int = 200, wait: float = 0.0, drip: float = 0.0, **headers: str) -> None:
        self.body = body if isinstance(body, bytes) else orjson.dumps(body)
        self.status, self.wait, self.drip, self.headers = status, wait, drip, headers

    def __call__(self, handler: Handler) -> None:
        free = handler.endpoint.free
        free.wait(self.wait)
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        step = 1 if self.drip else len(self.body) or 1
        for i in range(0, len(self.body), step):
            handler.wfile.write(self.body[i : i + step])
            free.wait(self.drip)


def said(content: object = None, *calls: tuple[str, object], **more: object) -> Answer:
    message: dict = {"role": "assistant", "content": content} | more
    if calls:
        message["tool_calls"] = [{"id": "call_0", "type": "function", "function": {"name": n, "arguments": a}} for n, a in calls]
    return Answer({"choices": [{"message": message}], "usage": {"prompt_tokens": 11, "completion_tokens": 5}})


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    endpoint: Endpoint

    def do_POST(self) -> None:
        endpoint = self.endpoint
        endpoint.requests.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        endpoint.keys.append(self.headers.get("Authorization", ""))
        with suppress(OSError):  # where the client has hung up, as it should
            endpoint.answers[min(len(endpoint.requests), len(endpoint.answers)) - 1](self)

    def log_message(self, *args: object) -> None:
        pass


class Endpoint:
    """Answers the n-th request with the n-th of its answers, then with the last; keeps what it was sent.

    An answer is a function of the handler.
    """

    def __init__(self, answers: Sequence[Callable[[Handler], None]]) -> None:
        self.answers = answers
        self.requests: list[dict] = []
        self.keys: list[str] = []
        self.free = threading.Event()
        """Set when the test is over: nothing waits any more."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Connection", (Handler,), {"endpoint": self}))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"


@contextmanager
def serving(*answers: Callable[[Handler], None]) -> Iterator[Endpoint]:
    endpoint = Endpoint(answers)
    thread = threading.Thread(target=endpoint.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.free.set()
        endpoint.server.shutdown()
        thread.join()
        endpoint.server.server_close()
