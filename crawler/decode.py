"""Which characters are these bytes?

In this order: byte order mark, UTF-8, the charset that the transport or the document declares, a code page in which
the bytes have the letters of a language that uses it, a statistical guess, Windows-1252. Bytes that look binary (a NUL, or many
control characters) are refused rather than turned into noise.
"""

from __future__ import annotations

import codecs
import re

from crawler.errors import DecodeError

GUESS_BYTES = 100_000
"""Bytes from the beginning that the statistical guess looks at; more changes the answer rarely and costs linearly."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""")
_DECLARED_WITHIN = 4096
"""Bytes in which a declaration is looked for; HTML asks for 1,024, real pages are later."""
_SAMPLE = 8192
_ALPHABETS = (
    ("cp1252", "àâäáãåæçéèêëíìîïñóòôöõøúùûüßœÀÂÄÁÃÅÆÇÉÈÊËÍÎÏÑÓÔÖÕØÚÛÜŒ"),  # Portuguese to Finnish
    ("cp1250", "áäčďéěíľĺňóôŕřšťúůýžÁČĎÉĚÍĽŇÓŘŠŤÚŮÝŽ"),  # Czech, Slovak
    ("cp1250", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"),  # Polish
    ("iso8859-2", "áäčďéěíľĺňóôŕřšťúůýžÁČĎÉĚÍĽŇÓŘŠŤÚŮÝŽ"),
    ("iso8859-2", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"),
)
"""Code pages and the letters beyond ASCII that their languages use. Western comes first: where two fit, it is the more common."""
_TYPOGRAPHY = "“”‘’„‚–—…«»‹›€£§©®°·•¿¡ªº²³´±×÷¹¼½¾\xa0\xad™†"
_FOREIGN = re.compile(r"[^\W\d_](?:[^\w\s’‘'´–—…·\xad-]|[ªº¹²³¼½¾])[^\W\d_]|[^\x00-\x7f]{3}")
"""A sign inside a word, or three letters beyond ASCII in a row: rare in these languages, common in others misread as them."""

_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})


def decode(data: bytes, declared: str | None = None, *, markup: bool = False) -> str:
    """Text of `data`; `declared` is what the transport said, `markup` lets a <meta charset> or XML declaration speak.

    Line ends are kept. Raises DecodeError on binary data.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, errors="replace")
    if looks_binary(data):
        raise DecodeError("binary data, not text")
    for encoding in filter(None, ("utf-8", _known(declared), _declaration(data) if markup else None)):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _by_alphabet(data) or _guess(data)


def looks_binary(data: bytes) -> bool:
    """True where the first 8 KiB hold a NUL, or are control characters by more than a tenth."""
    sample = data[:_SAMPLE]
    if b"\0" in sample:
        return True
    return len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) / 10


def _declaration(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_DECLARED_WITHIN])
    return _known(found.group(1).decode("ascii")) if found else None


def _known(name: str | None) -> str | None:
    """The codec's name, or None for what Python does not know; Latin-1 is read as Windows-1252, as browsers do."""
    try:
        codec = codecs.lookup(name or "").name
    except LookupError:
        return None
    return "cp1252" if codec in ("iso8859-1", "ascii") else codec


def _by_alphabet(data: bytes) -> str | None:
    """The text in the first code page in which it has the letters of one of its languages, or None.

    A statistical guess needs more letters beyond ASCII than a short page has: ``é`` and ``ü`` are as good to it in Windows-1250.
    """
    for encoding, letters in _ALPHABETS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:GUESS_BYTES]
        beyond = [character for character in sample if character > "\x7f"]
        if set(beyond) <= set(letters + _TYPOGRAPHY) and len(_FOREIGN.findall(sample)) * 20 <= len(beyond):
            return text
    return None


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:GUESS_BYTES]).best()
    if best is not None:
        try:
            return data.decode(best.encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", errors="replace")
