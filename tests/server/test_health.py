"""Whoever started a server can ask whether it answers, with nothing but its settings."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import stepwell
from server.access.keys import KeyFile
from server.access.tls import Tls
from server.address import Address
from server.errors import ServerUnreachable
from server.health import answers
from server.settings import ServerSettings

ANY = Address("127.0.0.1", 0)


def asked(bound: Any, **settings: Any) -> str:
    """Of a server that answers there."""
    return answers(ServerSettings(grpc=bound.grpc, http=bound.http, **settings), 5)


def test_a_server_is_serving_over_grpc_alone_and_over_http(searcher: Any, serve: Callable[..., Any]) -> None:
    alone, both = serve(searcher), serve(searcher, http=ANY)
    assert asked(alone.bound) == f"{alone.bound.grpc} is serving"
    assert asked(both.bound) == f"{both.bound.http} is serving"


def test_with_keys_and_tls_neither_key_nor_authority_is_needed_but_the_certificate_must_be_its_own(
    searcher: Any, serve: Callable[..., Any], certificate: Callable[..., tuple[Path, Path]], tmp_path: Path
) -> None:
    keys, tls, other = tmp_path / "keys.json", Tls(*certificate("server")), Tls(*certificate("renewed"))
    KeyFile(keys).create("agent", ("search",))
    for given in ({}, {"http": ANY}):
        running = serve(searcher, keys=keys, tls=tls, **given)
        assert "certificate" in asked(running.bound, tls=tls) or "serving" in asked(running.bound, tls=tls)
        with pytest.raises(ServerUnreachable, match="another certificate"):
            asked(running.bound, tls=other)
    mutual = Tls(tls.certificate, tls.key, other.certificate)
    running = serve(searcher, keys=keys, tls=mutual, http=ANY)
    assert asked(running.bound, tls=mutual).endswith("shows its certificate")


def test_nobody_at_the_address_or_somebody_else_is_not_healthy(http_base: str) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        nobody = Address("127.0.0.1", silent.getsockname()[1])
    for settings in (ServerSettings(grpc=nobody), ServerSettings(http=nobody), ServerSettings(grpc=Address.parse(http_base[7:]))):
        with pytest.raises(ServerUnreachable, match="does not answer"):
            answers(settings, 1)


def test_the_verb_takes_the_settings_file_of_the_server(
    searcher: Any, serve: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bound, config = serve(searcher, http=ANY).bound, tmp_path / "stepwell.toml"
    config.write_text(f'[server]\nindex = "unseen"\ngrpc = "{bound.grpc}"\nhttp = "{bound.http}"\n')
    assert stepwell.main(["server", "health", "--config", str(config)]) == 0
    assert capsys.readouterr().out == f"{bound.http} is serving\n"
    assert stepwell.main(["server", "health", "--config", str(config), "--http", "127.0.0.1:1"]) == 1
    assert "127.0.0.1:1 does not answer" in capsys.readouterr().err
