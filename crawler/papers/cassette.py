"""Which replies did a client of an interface record?

VCR cassettes, the YAML files in which test suites of API clients keep what a server said: `http_interactions` (vcr for Ruby and
R) or `interactions` (vcrpy), each with a `response` and its `body`. <https://vcrpy.readthedocs.io/>.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from crawler.papers.lines import BrokenOff, read_blocks

MAX_CASSETTE = 16 * 1024 * 1024
"""Bytes of a cassette; YAML cannot be read in pieces."""


def read_cassette(file: BinaryIO) -> Iterator[bytes]:
    """The bodies of all replies that have one. Raises BrokenOff where the file is no cassette."""
    import yaml  # type: ignore[import-untyped]

    source = bytearray()
    for block in read_blocks(file):
        source += block
        if len(source) > MAX_CASSETTE:
            raise BrokenOff("cassette too large")
    try:
        cassette = yaml.load(bytes(source), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe loaders, both
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BrokenOff("broken YAML") from error
    found = next(
        (v for k in ("http_interactions", "interactions") if isinstance(cassette, dict) and (v := cassette.get(k))), None
    )
    if not isinstance(found, list):
        raise BrokenOff("no cassette")
    for interaction in found:
        response = interaction.get("response") if isinstance(interaction, dict) else None
        if isinstance(response, dict) and (body := _body(response.get("body"))):
            yield body


def _body(body: Any) -> bytes:
    """Text, bytes, or either under `string` or `base64_string`; gzip is taken off."""
    if isinstance(body, dict):
        body = _decoded(body["base64_string"]) if body.get("base64_string") else body.get("string")
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                return packed.read(MAX_CASSETTE)
        except (OSError, EOFError):
            return content
    return content


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(str(text))
    except binascii.Error:
        return b""
