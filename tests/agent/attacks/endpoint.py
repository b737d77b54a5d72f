"""What can the server of a model do to whoever asks it?"""

from __future__ import annotations

import gzip
import resource
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from agent.errors import ModelError
from agent.models import Message
from agent.models.openai import OpenAIModel, Patience

BOMB = "the model's server: an answer of 6 KB that unpacks to 4 GiB"


def bomb() -> str:
    """What an answer does that is packed twice: a few kilobytes are gigabytes for who unpacks them."""
    body = gzip.compress(gzip.compress(bytes(2**24)) * 256)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Encoding", "gzip, gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    model = OpenAIModel(f"http://127.0.0.1:{server.server_address[1]}/v1", "m", patience=Patience(attempts=1))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        model.reply([Message("user", "Why?")], [])
    except ModelError:
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        return f"{grown:,} KiB were taken" if grown > 65_536 else ""
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return "it was taken for an answer"
