"""What does an operator tell a running server?

    client.ask(worker.reload())
    client.ask(worker.drain())

Both need a key with the scope `admin`; `client.overview` says how the server is.
"""

from __future__ import annotations

from protos.stepwell.v1 import admin_pb2 as pb
from server.client.conversations import Conversation
from server.client.methods import Call, Method

RELOAD = Method("/stepwell.v1.Admin/Reload", pb.ReloadResponse)  # looking twice at the disk changes nothing
DRAIN = Method("/stepwell.v1.Admin/Drain", pb.DrainResponse, repeatable=False)


def reload() -> Conversation[tuple[str, ...]]:
    """Take up what changed on disk; what that was, in words, and what cannot be taken up and stays as it was."""
    reply: pb.ReloadResponse = yield Call(RELOAD, pb.ReloadRequest())
    return tuple(reply.changes)


def drain() -> Conversation[float]:
    """End the server as SIGTERM does; the seconds that calls in flight may take."""
    reply: pb.DrainResponse = yield Call(DRAIN, pb.DrainRequest())
    return reply.seconds
