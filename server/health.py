"""Does the server of this deployment answer?

Asked by whoever starts and ends it (a container's health check), who has neither a key nor the authority behind its certificate,
but the deployment itself: the addresses, and the certificate that must come back.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from server.address import Address
from server.errors import ServerUnreachable

if TYPE_CHECKING:
    from server.access.tls import Tls
    from server.settings import ServerSettings

MOST = 10_000
"""Bytes of an answer that are read."""
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on everywhere is asked on loopback
"""Where to ask what listens on every address."""


def answers(settings: ServerSettings, seconds: float) -> str:
    """What answered, in words; of a server with HTTP that is asked, else gRPC. Raises ServerUnreachable."""
    address = settings.http or settings.grpc
    where = Address(ANYWHERE.get(address.host, address.host), address.port)
    try:
        if settings.tls and settings.tls.clients:  # without a certificate of theirs we get no further than this
            _shake(where, settings.tls, seconds).close()
            return f"{where} shows its certificate"
        if settings.http:
            return _http(where, settings.tls, seconds)
        if settings.tls:
            _shake(where, settings.tls, seconds).close()
            return f"{where} shows its certificate"
        return _grpc(where, seconds)
    except (OSError, http.client.HTTPException) as error:
        raise ServerUnreachable(f"{where} does not answer: {str(error).lower() or type(error).__name__}") from None


def _http(where: Address, tls: Tls | None, seconds: float) -> str:
    connection = http.client.HTTPConnection(where.host, where.port, timeout=seconds)
    if tls:
        connection.sock = _shake(where, tls, seconds)
    try:
        connection.request("GET", "/healthz", headers={"host": f"localhost:{where.port}"})
        reply = connection.getresponse()
        status, said = reply.status, reply.read(MOST)
    finally:
        connection.close()
    if status != http.client.OK:
        raise ServerUnreachable(f"{where} answers with status {status}")
    return f"{where} is serving{_troubled(said)}"


def _troubled(said: bytes) -> str:
    """What is kept as it was because it cannot be read any more is counted there, and named to those who may see the state."""
    try:
        troubles = int(orjson.loads(said)["troubles"])
    except (ValueError, TypeError, KeyError):
        return ""
    return f", but something on disk cannot be taken up ({troubles}): stepwell server status says what"


def _shake(where: Address, tls: Tls, seconds: float) -> ssl.SSLSocket:
    """A connection to whoever shows this very certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate itself is compared instead
    plain = socket.create_connection((where.host, where.port), timeout=seconds)
    secure = context.wrap_socket(plain, server_hostname="localhost")
    if secure.getpeercert(binary_form=True) != _first(tls.certificate):
        secure.close()
        raise ServerUnreachable(f"{where} shows another certificate than {tls.certificate}; was it renewed? restart the server")
    return secure


def _first(chain: Path) -> bytes:
    """The server's own certificate, DER."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    inner = chain.read_text().partition(begin)[2].partition(end)[0]
    return ssl.PEM_cert_to_DER_cert(begin + inner + end)


def _grpc(where: Address, seconds: float) -> str:
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(str(where), options=[("grpc.enable_http_proxy", 0)]) as channel:
        try:
            stub: Any = health_pb2_grpc.HealthStub(channel)  # its type stubs name no calls
            reply = stub.Check(health_pb2.HealthCheckRequest(), timeout=seconds)
        except grpc.RpcError as error:
            raise ServerUnreachable(f"{where} does not answer: {error.code().name.lower()}") from None
    status = health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status)
    if reply.status != health_pb2.HealthCheckResponse.SERVING:
        raise ServerUnreachable(f"{where} is {status.lower().replace('_', ' ')}")
    return f"{where} is serving"
