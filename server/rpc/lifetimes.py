"""How long does a gRPC connection live?

An honest connection costs little and may idle; one whose peer is gone, or never said a word of HTTP/2, must not be kept for ever.
Ends are graceful: the client is told, calls in flight end, and it connects again by itself.
"""

from __future__ import annotations

from server.room import connections

HANDSHAKE = 10
"""Seconds for TLS and the first words of HTTP/2; whoever has not said them by then is hung up on."""
ALIVE = 60
"""Seconds of silence after which the peer is asked whether it is there."""
ANSWER = 20
"""Seconds that it may take to say so; half-open connections are gone after ALIVE plus ANSWER."""
PINGS = 10
"""Seconds between a client's own pings, at the least; a client that pings more often is told to be calm and hung up on."""
STREAMS = 256
"""Calls at once on one connection, beside as many as the worker answers: more than those wait at the client. So a full server is
heard of by a client with one connection, and one connection cannot take all places."""
IDLE = 120
"""Seconds without a call after which a connection is closed: those that stay silent make room."""
AGE = 300
"""Seconds: with several workers a connection stays with the one that accepted it, and only new ones are spread again."""
GRACE = 60
"""Seconds beyond its age in which its calls may end; a watch of health begins again by itself."""


def options(max_calls: int) -> list[tuple[str, int]]:
    """The same for gRPC, in a worker that answers so many calls at once."""
    return [
        ("grpc.server_handshake_timeout_ms", HANDSHAKE * 1000),
        ("grpc.keepalive_time_ms", ALIVE * 1000),
        ("grpc.keepalive_timeout_ms", ANSWER * 1000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),  # ours, not the client's: without this the third goes unsent
        ("grpc.http2.min_ping_interval_without_data_ms", PINGS * 1000),
        ("grpc.max_connection_idle_ms", IDLE * 1000),
        ("grpc.max_connection_age_ms", AGE * 1000),
        ("grpc.max_connection_age_grace_ms", GRACE * 1000),
        ("grpc.max_allowed_incoming_connections", connections()),
        ("grpc.max_concurrent_streams", max_calls + STREAMS),
    ]
