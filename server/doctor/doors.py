"""May it listen where it is to, and are keys and certificate in order?"""

from __future__ import annotations

import os
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from server.access.keys import KeyFile
from server.address import bindable
from server.doctor.finding import Finding, fail, ok, warn
from server.errors import AddressError, AddressTaken

if TYPE_CHECKING:
    from server.deployment import Deployment

SOON = timedelta(days=30)
"""Before its end a certificate should be renewed."""


def ports(deployment: Deployment) -> Iterator[Finding]:
    """Each address: permitted, ours, free."""
    settings = deployment.settings
    for name, wanted in (("grpc", settings.grpc), ("http", settings.http)):
        if wanted is None:
            continue
        try:
            bindable(wanted, settings.protected)
        except AddressTaken as error:
            yield fail("port", str(error), f"or is the server running already? stepwell server status --server {wanted}")
        except AddressError as error:
            yield fail("port", str(error), f"change {name} in [server]")
        else:
            reach = "this machine alone" if wanted.loopback else "other machines"
            yield ok("port", f"{name} {wanted} is free; {reach} can reach it")
    if (
        settings.insecure
        and not (settings.keys and settings.tls)
        and any(address and not address.loopback for address in (settings.grpc, settings.http))
    ):
        yield warn("port", "beyond loopback without keys or TLS", "give keys and tls_cert, and take insecure away")
    if settings.http and settings.grpc == settings.http and settings.grpc.port:
        yield fail("port", f"gRPC and HTTP cannot share {settings.grpc}", "give http another port")


def keys(deployment: Deployment) -> Iterator[Finding]:
    """The key file: there, its owner's alone, with a key."""
    path = deployment.settings.keys
    if path is None:
        yield ok("keys", "none are asked for" + ("; whoever reaches it may edit" if deployment.settings.open_admin else ""))
        return
    found = KeyFile(path).usable()
    yield from _private(path, "keys")
    scopes = sorted({scope for key in found.values() for scope in key.scopes})
    yield ok("keys", f"{len(found)} in {path}, with the scopes {', '.join(scopes)}")


def certificate(deployment: Deployment) -> Iterator[Finding]:
    """It fits its key, and is valid today and for a while."""
    from cryptography import x509

    tls = deployment.settings.tls
    if tls is None:
        yield ok("certificate", "none: everything is sent in the clear")
        return
    try:
        tls.context()
    except ssl.SSLError as error:
        yield fail("certificate", f"{tls.certificate}: {error}", "write it anew")
        return
    shown = x509.load_pem_x509_certificate(tls.certificate.read_bytes())
    now, begins, ends = datetime.now(UTC), shown.not_valid_before_utc, shown.not_valid_after_utc
    found = f"{tls.certificate} for {', '.join(_names(shown)) or 'no name'}, valid from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}"
    if now > ends:
        yield fail("certificate", found, "renew it, then restart: it has ended")
    elif now < begins:
        yield fail("certificate", found, "wait, or set the clock: it is not valid yet")
    elif now + SOON > ends:
        yield warn("certificate", found, f"renew it: {(ends - now).days} days are left")
    else:
        yield ok("certificate", found)
    yield from _private(tls.key, "certificate")


def _names(shown: object) -> list[str]:
    from cryptography import x509

    assert isinstance(shown, x509.Certificate)
    try:
        names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *(str(one) for one in names.get_values_for_type(x509.IPAddress))]


def _private(path: Path, about: str) -> Iterator[Finding]:
    """A secret is its owner's alone."""
    state = path.stat()
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warn(about, f"others may open {path} (mode {stat.S_IMODE(state.st_mode):o})", f"chmod 600 {path}")
    if state.st_uid not in (os.getuid(), 0):
        yield warn(about, f"{path} belongs to user {state.st_uid}", f"chown it to user {os.getuid()}")
