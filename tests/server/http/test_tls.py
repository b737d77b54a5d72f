"""HTTPS with a real certificate: who trusts it is answered, and nobody else."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.access.keys import KeyFile
from server.access.tls import Tls
from server.address import Address

BATCH = {"queries": ["tides"]}
Certificates = Callable[..., tuple[Path, Path]]


@pytest.fixture
def token(tmp_path: Path) -> str:
    return KeyFile(tmp_path / "keys.json").create("agent", ("search",))[1]


@pytest.fixture
def secured(
    searcher: Any, serve: Callable[..., Any], certificate: Certificates, tmp_path: Path, token: str
) -> Callable[..., str]:
    """Starts a server with keys and TLS; where it answers."""

    def start(**given: Any) -> str:
        pem, private = certificate("server")
        running = serve(searcher, http=Address("127.0.0.1", 0), keys=tmp_path / "keys.json", tls=Tls(pem, private, **given))
        return f"https://localhost:{running.bound.http.port}"

    return start


def client(base: str, trusted: Path, token: str = "", shown: tuple[Path, Path] | None = None) -> httpx.Client:
    context = ssl.create_default_context(cafile=trusted)
    if shown:
        context.load_cert_chain(*shown)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=base, verify=context, headers=headers, trust_env=False, timeout=20)


def test_who_trusts_the_certificate_and_shows_a_key_is_answered(secured: Callable[..., str], token: str, tmp_path: Path) -> None:
    with client(secured(), tmp_path / "server.pem", token) as trusting:
        reply = trusting.post("/v1/batch_search", json=BATCH)
        assert reply.json()["outcomes"][0]["ranking"]["hits"]
        assert reply.headers["strict-transport-security"] == "max-age=31536000"
        assert "Secure" in trusting.get("/").headers["set-cookie"]


def test_without_a_key_there_is_no_answer_over_tls_either(secured: Callable[..., str], tmp_path: Path) -> None:
    with client(secured(), tmp_path / "server.pem") as nobody:
        assert nobody.post("/v1/batch_search", json=BATCH).status_code == 401


def test_who_trusts_another_certificate_or_speaks_in_the_clear_gets_nothing(
    secured: Callable[..., str], certificate: Certificates, token: str
) -> None:
    base = secured()
    other, _ = certificate("other")
    with client(base, other, token) as distrusting, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        distrusting.get("/healthz")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(base.replace("https", "http") + "/healthz", trust_env=False)


def test_a_tls_older_than_1_2_is_refused(secured: Callable[..., str]) -> None:
    base = secured()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # for the same reason
        context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{base}/healthz", verify=context, trust_env=False)


def test_with_client_authorities_a_client_must_show_a_certificate_of_theirs(
    secured: Callable[..., str], certificate: Certificates, token: str, tmp_path: Path
) -> None:
    ours, strangers = certificate("ours"), certificate("strangers")
    base = secured(clients=ours[0])
    with client(base, tmp_path / "server.pem", token, ours) as known:
        assert known.post("/v1/batch_search", json=BATCH).status_code == 200
    for shown in (None, strangers):
        with client(base, tmp_path / "server.pem", token, shown) as stranger, pytest.raises(httpx.HTTPError):
            stranger.post("/v1/batch_search", json=BATCH)
