"""A real server over a real index, in this process."""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from authority.tables import shipped_path
from protos.stepwell.v1.search_pb2_grpc import SearchStub
from ranker.search import Searcher
from server.address import Address, Bound
from server.client import Client
from server.errors import ServerError
from server.serving import serving
from server.settings import ServerSettings
from tests.server.within import Within


class Running:
    """`searcher` on a free port of loopback, with its event loop in a thread of its own."""

    def __init__(self, searcher: Any, **settings: Any) -> None:
        self.searcher = searcher
        self._settings = ServerSettings(**({"grpc": Address("127.0.0.1", 0), "scrub": 0} | settings))
        self._ready: Future[Bound] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._body()))
        self._thread.start()
        try:
            self.bound = self._ready.result(10)
            self.address = str(self.bound)
            self.http = f"http://{self.bound.http}"
        except ServerError:
            self._thread.join()
            raise

    async def _body(self) -> None:
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        try:
            async with serving(self.searcher, self._settings) as address:
                self._ready.set_result(address)
                await self._told.wait()
        except ServerError as error:  # the address may not be bound
            self._ready.set_exception(error)

    def tell(self) -> None:
        """Begin to drain, and do not wait."""
        self._loop.call_soon_threadsafe(self._told.set)

    def wait(self) -> None:
        """Until it has drained."""
        self._thread.join(20)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        """Drain, unless that was done."""
        if self._thread.is_alive():
            self.tell()
        self.wait()


class Held:
    """A real searcher that waits at a gate before each search, or first half of one, after the first `free` ones."""

    def __init__(self, searcher: Searcher, free: int = 0) -> None:
        self._searcher = searcher
        self.free = free
        """Searches, from the first, that do not wait."""
        self.searches = 0
        """Searches that began."""
        self.waiting = threading.Event()
        """Set once one stands at the gate."""
        self.gate = threading.Event()

    def search(self, queries: Any, pinned: Any = None, until: float = float("inf")) -> Any:
        self._wait()
        return self._searcher.search(queries, pinned, until)

    def retrieving(self, batches: Any, pinned: Any) -> Any:
        self._wait()
        return self._searcher.retrieving(batches, pinned)

    def _wait(self) -> None:
        self.searches += 1
        if self.searches > self.free:
            self.waiting.set()
            assert self.gate.wait(20)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


@pytest.fixture(scope="session")
def searcher(tiny_index: Path) -> Iterator[Searcher]:
    with Searcher.open(tiny_index, authority="sample") as searcher:
        yield searcher


@pytest.fixture
def held() -> type[Held]:
    """To be wrapped around a searcher that should be slow."""
    return Held


@pytest.fixture
def serve() -> Iterator[Callable[..., Running]]:
    """Starts servers that stop with the test."""
    with ExitStack() as stack:

        def start(searcher: Any, **settings: Any) -> Running:
            running = Running(searcher, **settings)
            stack.callback(running.stop)
            return running

        yield start


@pytest.fixture(scope="session")
def address(searcher: Searcher) -> Iterator[str]:
    """One server for all tests that only ask."""
    running = Running(searcher)
    yield running.address
    running.stop()


@pytest.fixture(scope="session")
def http_base(searcher: Searcher) -> Iterator[str]:
    """The same over HTTP: where it answers."""
    running = Running(searcher, http=Address("127.0.0.1", 0))
    yield running.http
    running.stop()


@pytest.fixture
def http(http_base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=http_base, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def within(tiny_index: Path, tmp_path: Path) -> Iterator[Within]:
    """A whole server without a socket, over a table of its own that may be edited."""
    table = tmp_path / "table.tsv"
    table.write_bytes(shipped_path("sample").read_bytes())
    with Searcher.open(tiny_index, authority=table) as searcher, Within(searcher) as within:
        yield within


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture
def channel(address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(address) as channel:
        yield channel


@pytest.fixture
def stub(channel: grpc.Channel) -> SearchStub:
    """The generated stub: what a client in any language sees."""
    return SearchStub(channel)


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Makes self-signed certificates for localhost; each with its key, both PEM."""

    def make(name: str, begins: float = 0, ends: float = 90) -> tuple[Path, Path]:
        """Valid from so many days on, to so many days on."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
        shown = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now + begins * day).not_valid_after(now + ends * day)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        pem, private = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        pem.write_bytes(shown.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        private.chmod(0o600)
        return pem, private

    return make
