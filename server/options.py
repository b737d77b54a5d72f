"""What may be said of a server, on the command line or in the table `[server]` of stepwell.toml?

One list for both: the key `max_calls` is the option `--max-calls`. The command line wins over the file, the file over the
defaults. Light to import: `--help` loads no server. README.md has the same list with the reasons.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from server.address import DEFAULT
from stepwell_toml import SettingsError, known, settings_file, table_of

Kind = Literal["text", "names", "file", "choice", "choices", "whole", "number", "switch"]
"""``file`` is a path, ``choice`` a name or a path, the plurals are lists, which an option on the command line repeats."""

TYPES: dict[Kind, type] = {
    "text": str, "names": list, "file": str, "choice": str, "choices": list, "whole": int, "number": float, "switch": bool,
}  # fmt: skip
CATEGORY: dict[str, type] = {"collections": list, "kinds": list, "languages": list, "profile": str}
"""Keys of a table `[server.categories.NAME]`."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a deployment decides."""

    key: str
    """In the file; with dashes, on the command line."""
    kind: Kind
    unit: str
    """Or what it names: ``HOST:PORT``, ``seconds``."""
    what: str
    """For `--help`."""
    default: Any = None
    """None where there is none, or what the index or the room decides."""
    least: float = 0
    """Of numbers."""
    most: float = sys.float_info.max
    """Of numbers."""

    @property
    def flag(self) -> str:
        """On the command line."""
        return f"--{self.key.replace('_', '-')}"

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """As an option whose absence is None, so that the file may speak."""
        told = f"{self.what} (default {self.default})" if self.kind in ("text", "whole", "number") and self.default else self.what
        if self.kind == "switch":
            parser.add_argument(self.flag, action=argparse.BooleanOptionalAction, help=told)
        elif self.kind in ("names", "choices"):
            parser.add_argument(self.flag, action="append", metavar=self.unit, help=f"{told}; may be repeated")
        elif self.kind in ("whole", "number"):
            parser.add_argument(self.flag, type=self._number, metavar=self.unit, help=told)
        else:
            parser.add_argument(self.flag, type=Path if self.kind == "file" else str, metavar=self.unit, help=told)

    def read(self, value: Any, folder: Path, where: str) -> Any:
        """The value of a file that lies in `folder`. Raises SettingsError."""
        if self.kind in ("names", "choices"):
            if any(not isinstance(one, str) for one in value):
                raise SettingsError(f"{where} {self.key} {value!r} must be a list of strings")
            return [_chosen(one, folder) for one in value] if self.kind == "choices" else value
        if self.kind in ("whole", "number"):
            self._check(value, f"{where} {self.key}")
        if self.kind == "file":
            return folder / Path(value).expanduser()
        return _chosen(value, folder) if self.kind == "choice" else value

    def _number(self, text: str) -> float:
        """argparse calls it; what it raises is wrong usage of this option."""
        try:
            value = int(text) if self.kind == "whole" else float(text)
            self._check(value, text)
        except (ValueError, SettingsError):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number {self._range}") from None
        return value

    def _check(self, value: float, where: str) -> None:
        if not self.least <= value <= self.most:
            raise SettingsError(f"{where} {value} must be a number {self._range}")

    @property
    def _range(self) -> str:
        return f"from {self.least:g} " + ("on" if self.most == sys.float_info.max else f"to {self.most:g}")


OPTIONS = (
    Option("index", "file", "DIR", "the index directory"),
    Option("grpc", "text", "HOST:PORT", "where to listen, port 0 for any", str(DEFAULT)),
    Option("http", "text", "HOST:PORT", "answer HTTP there, too: JSON, MCP, adapters, the page"),
    Option("http_name", "names", "HOST", "a host name that HTTP requests may be addressed to"),
    Option("keys", "file", "FILE", "ask for a key; make one with: stepwell server key create"),
    Option("tls_cert", "file", "PEM", "certificate chain; with --tls-key"),
    Option("tls_key", "file", "PEM", "its private key, without a pass phrase"),
    Option("tls_clients", "file", "PEM", "authorities whose client certificates are wanted (mutual TLS)"),
    Option("insecure", "switch", "", "listen beyond loopback although keys or TLS are missing", False),
    Option("open_admin", "switch", "", "without keys: whoever reaches the server may edit and administer", False),
    Option("authority", "choice", "FILE|sample|off", "the table; default: your own, else the shipped one"),
    Option("policy", "choices", "NAME|FILE", "mark or block what it names (authority policy list)"),
    Option("delta", "number", "LOG-ODDS", "what full authority adds, 0 to 0.2; default: the calibration's"),
    Option("encoder", "text", "MODEL", "default: the one the index was built with"),
    Option("weights", "file", "DIR", "a directory with the encoder's weights"),
    Option("device", "text", "cpu|cuda|cuda:N", "where the encoder runs and vectors are searched", "cpu"),
    Option("calibration", "file", "FILE", "default: the shipped one of the feature set"),
    Option("cross_encoder", "file", "DIR", "a model that reads the best documents of queries that ask to rerank"),
    Option("citations", "file", "FILE", "counts for queries that want impact, from: stepwell ranker citations"),
    Option("workers", "whole", "PROCESSES", "that share the ports and the cores; each opens the index", 1, least=1, most=256),
    Option("threads", "whole", "THREADS", "searches with a cross-encoder that run at once in each worker", 2, least=1, most=256),
    Option("max_calls", "whole", "CALLS", "in flight in each worker; more are refused", 256, least=1),
    Option("max_cost", "whole", "COST", "that may wait: hits times passages, and 20 a query", 40_000, least=1),
    Option("max_request", "whole", "BYTES", "in one request", 4 * 2**20, least=1024),
    Option("take", "number", "SECONDS", "that a client has to take a reply; then it is hung up on", 60.0, least=0.1),
    Option(
        "max_untaken", "whole", "BYTES", "of replies that clients have not taken yet, in each worker", 256 * 2**20, least=1024
    ),
    Option("scrub", "number", "MB", "read so many million bytes of the index again a second; 0: none", 10.0),
    Option("watch", "number", "SECONDS", "between two looks for what changed on disk", 0.3, least=0.05),
    Option("drain", "number", "SECONDS", "that calls in flight may take after SIGTERM", 10.0),
    Option("notice", "number", "SECONDS", "after SIGTERM, not healthy but still taking calls, for balancers that ask", 0.0),
    Option("reflection", "switch", "", "describe the service to clients that ask (grpcurl)", True),
    Option("query_log", "file", "FILE", "write every query and the ids it got there, for audits"),
    Option("log_json", "switch", "", "log in JSON, an object a line", False),
    Option("ready_file", "file", "FILE", "write the address there once it answers"),
)
KEYS = {option.key: option for option in OPTIONS}


def add_options(parser: argparse.ArgumentParser) -> None:
    """All of them, and `--config`."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (default: ./stepwell.toml where there is one)")
    for option in OPTIONS:
        option.add_to(parser)


def chosen(args: argparse.Namespace) -> dict[str, Any]:
    """Every key of OPTIONS with its value, and `categories`: the command line's, else the file's, else the default.

    Raises SettingsError.
    """
    file = settings_file(args.config)
    folder, where = (file or Path()).parent, f"{file}: [server]"
    table = known(table_of("server", file), {key: TYPES[one.kind] for key, one in KEYS.items()} | {"categories": dict}, where)
    categories = {
        name: known(entry, CATEGORY, f"{file}: [server.categories.{name}]") for name, entry in table.pop("categories", {}).items()
    }
    values = {option.key: option.default for option in OPTIONS}
    values |= {key: KEYS[key].read(value, folder, where) for key, value in table.items()}
    values |= {key: given for key in KEYS if (given := getattr(args, key)) is not None}
    return values | {"categories": categories}


def _chosen(text: str, folder: Path) -> str:
    """A file of the folder where there is one of that name, else the name itself."""
    path = folder / Path(text).expanduser()
    return str(path) if path.exists() else text
