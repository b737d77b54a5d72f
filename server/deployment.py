"""What is served, and how?

Values of `server.options` as the types that open an index and start a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ranker.errors import QueryError
from ranker.query import Filters, check_filters
from server.access.tls import Tls
from server.address import Address
from server.categories import Category
from server.errors import TlsError
from server.settings import ServerSettings
from stepwell_toml import SettingsError

if TYPE_CHECKING:
    from indexer.encoders import Encoder
    from ranker.search import Searcher
    from server.memory import Memory


@dataclass(frozen=True, slots=True)
class Deployment:
    """One index, what judges and scores it, and the server in front of it."""

    index: Path
    authority: str | None
    """A file, ``shipped``, ``sample`` or ``off``; None for the user's table, else the shipped one."""
    policies: tuple[str, ...]
    """Files, or names of shipped ones."""
    calibration: Path | None
    """None for the shipped one of the feature set."""
    delta: float | None
    """Log-odds in [0, 0.2]; None for the calibration's."""
    encoder: str | None
    """None for the one that the index names."""
    device: str
    """``cpu``, ``cuda`` or ``cuda:1``: where the encoder runs and vectors are searched."""
    weights: Path | None
    """A folder with the encoder's weights; None for the usual places."""
    cross_encoder: Path | None
    """Folder of a model that reads the best documents of queries that ask for it; None for none."""
    citations: Path | None
    """Counts for queries that want impact; None for none."""
    settings: ServerSettings

    @classmethod
    def of(cls, values: Mapping[str, Any], as_json: bool = False) -> Self:
        """From what `server.options.chosen` gives. Raises SettingsError, AddressError, TlsError."""
        if values["index"] is None:
            raise SettingsError('no index is named; give --index DIR, or write index = "DIR" in [server] of stepwell.toml')
        settings = ServerSettings(
            grpc=Address.parse(values["grpc"]),
            http=Address.parse(values["http"]) if values["http"] else None,
            http_names=tuple(values["http_name"] or ()),
            tls=_tls(values["tls_cert"], values["tls_key"], values["tls_clients"]),
            categories={name: _category(name, entry) for name, entry in values["categories"].items()},
            json=as_json,
            **{name: values[name] for name in _SAME},
        )
        return cls(
            values["index"], values["authority"], tuple(values["policy"] or ()), values["calibration"], values["delta"],
            values["encoder"], values["device"], values["weights"], values["cross_encoder"], values["citations"], settings,
        )  # fmt: skip

    def open(self, memory: Memory | None = None) -> Searcher:
        """The searcher; with a `memory` also while the newest generation, or what judges, cannot be read.

        Raises IndexOpenError, DeviceError, EncoderError, AuthorityError, CalibrationError, QueryError.
        """
        from ranker.search import Searcher

        return Searcher.open(
            self.index, authority=self.authority, encoder=self.named_encoder(), calibration=self.calibration,
            policies=self.policies, delta=self.delta, device=self.device, cross_encoder=self.cross_encoder,
            citations=self.citations, memory=memory,
        )  # fmt: skip

    def check_profiles(self) -> None:
        """Raises SettingsError where a category weighs by a profile that there is not, ProfileError where one cannot be read."""
        from authority.profiles import load_profiles

        there = load_profiles()
        for name, category in self.settings.categories.items():
            if category.profile and category.profile not in there:
                known = ", ".join(there)
                raise SettingsError(f"[server.categories.{name}] no profile called {category.profile[:50]!r}; there are {known}")

    def named_encoder(self) -> Encoder | None:
        """The encoder that the options name; None leaves it to the index. Raises EncoderError."""
        from indexer.encoders import asked_encoder

        return asked_encoder(self.encoder, self.device, self.weights)


_SAME = (
    "keys", "insecure", "open_admin", "workers", "threads", "max_calls", "max_cost", "max_request", "take", "max_untaken",
    "scrub", "watch", "drain", "notice", "reflection", "query_log", "log_json", "ready_file",
)  # fmt: skip
"""Options that ServerSettings has under the same name."""


def _category(name: str, entry: Mapping[str, Any]) -> Category:
    where = f"[server.categories.{name}]"
    collections, kinds, languages = (_names(entry, key, where) for key in ("collections", "kinds", "languages"))
    try:
        check_filters(Filters(kinds, collections, languages=languages))
    except QueryError as error:
        raise SettingsError(f"{where} {error}") from None
    return Category(collections, kinds, languages, entry.get("profile", ""))


def _names(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    if not all(isinstance(value, str) and value for value in values):
        raise SettingsError(f"{where} {key} {values!r} must be a list of strings")
    return tuple(values)


def _tls(certificate: Path | None, key: Path | None, clients: Path | None) -> Tls | None:
    if not certificate and not key:
        if clients:
            raise TlsError("--tls-clients needs --tls-cert and --tls-key")
        return None
    if not (certificate and key):
        raise TlsError("--tls-cert and --tls-key come together")
    return Tls(certificate, key, clients)
