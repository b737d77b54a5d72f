"""How do the verbs that ask find their server, and show who they are?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.address import DEFAULT

if TYPE_CHECKING:
    from server.client import Access


def add_server(verb: argparse.ArgumentParser) -> None:
    """`--server`, `--tls` and `--ca`."""
    verb.add_argument("--server", default=str(DEFAULT), metavar="HOST:PORT", help="default %(default)s")
    verb.add_argument("--tls", action="store_true", help="encrypt and check the certificate; STEPWELL_KEY holds the key to send")
    verb.add_argument("--ca", type=Path, metavar="PEM", help="trust these authorities instead of the system's; implies --tls")


def access_of(args: argparse.Namespace) -> Access:
    """The key and the TLS that the options and the environment say."""
    from server.client import Access

    return Access(tls=args.tls or args.ca is not None, authorities=args.ca)


def add_verb(verbs: Any, name: str, what: str, example: str) -> argparse.ArgumentParser:
    """A verb with its example, and `--json`."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=what, description=what, epilog=example, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser
