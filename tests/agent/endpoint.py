"""What does a scripted endpoint answer, on a real socket?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson


class Answer:
    """What the endpoint does with one request."""

    def __init__(self, body: object = b"", status: int = 200, wait: float = 0.0, drip: float = 0.0, **headers: str) -> None:
        self.body = body if isinstance(body, bytes) else orjson.dumps(body)
        self.status, self.wait, self.drip, self.headers = status, wait, drip, headers


def said(content: object = None, *calls: tuple[str, object], **more: object) -> Answer:
    message: dict = {"role": "assistant", "content": content} | more
    if calls:
        message["tool_calls"] = [{"id": "call_0", "type": "function", "function": {"name": n, "arguments": a}} for n, a in calls]
    return Answer({"choices": [{"message": message}], "usage": {"prompt_tokens": 11, "completion_tokens": 5}})


class Endpoint:
    """A scripted server on a real socket; keeps what it was sent."""

    def __init__(self, answers: list[Answer]) -> None:
        self.answers = iter(answers)
        self.requests: list[dict] = []
        self.keys: list[str] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                endpoint.requests.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                endpoint.keys.append(self.headers.get("Authorization", ""))
                answer = next(endpoint.answers)
                endpoint.free.wait(answer.wait)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                try:
                    step = 1 if answer.drip else len(answer.body) or 1
                    for i in range(0, len(answer.body), step):
                        self.wfile.write(answer.body[i : i + step])
                        endpoint.free.wait(answer.drip)
                except OSError:
                    pass  # the client has hung up, as it should

            def log_message(self, *args: object) -> None:
                pass

        self.free = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"


@contextmanager
def serving(*answers: Answer) -> Iterator[Endpoint]:
    endpoint = Endpoint(list(answers))
    thread = threading.Thread(target=endpoint.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.free.set()
        endpoint.server.shutdown()
        thread.join()
        endpoint.server.server_close()
