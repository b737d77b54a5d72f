"""On which hosts do the documents of corpora lie?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from authority.suggest import Held
from indexer.corpus import read_corpus


def held_hosts(corpora: Sequence[Path]) -> list[Held]:
    """One Held a host, in the order in which they first appear; documents without an address count for nothing."""
    documents: Counter[str] = Counter()
    for corpus in corpora:
        for document in read_corpus(corpus):
            if host := _host(document.url):
                documents[host] += 1
    return [Held(host, number) for host, number in documents.items()]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # such as half an IPv6 address
        return ""
