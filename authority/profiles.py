"""What may a source speak on, for this kind of question?

A profile weighs an entry by its topics. Authority under a profile is the tier's value times a weight in [0, 1], so it stays in
[0, 1] and the bound on what trust may do to relevance holds unchanged. The shipped profiles are `profiles.toml`; a file of that
name beside the user's table adds to them, and hides ours where it uses the same name.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from authority.errors import ProfileError
from authority.tables import user_path

MAX_PROFILES = 1_000_000
"""Bytes of a file of profiles that will be read."""
ANY, OTHER = "any", "other"
"""Reasons of a weight that no topic gave."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Profile:
    """Weights of topics. Raises ProfileError where a name or a weight is out of range."""

    name: str
    """A lower-case word, hyphens allowed."""
    about: str
    """What questions it is for, in words."""
    topics: tuple[tuple[str, float], ...]
    """Topic and weight in [0, 1], sorted by topic."""
    any: float
    """Weight in [0, 1] of a source that may speak on anything."""
    other: float
    """Weight in [0, 1] of a source that names topics, none of which is weighed here."""

    def __post_init__(self) -> None:
        for word in (self.name, *(topic for topic, _ in self.topics)):
            if not _NAME.fullmatch(word):
                raise ProfileError(f"profile or topic {word[:60]!r} is not a lower-case word; write it like public-health")
        for what, weight in ((ANY, self.any), (OTHER, self.other), *self.topics):
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0.0 <= weight <= 1.0:
                raise ProfileError(f"profile {self.name!r} weighs {what!r} {weight!r}; a weight is a number from 0 to 1")

    def weigh(self, topics: tuple[str, ...]) -> tuple[float, str]:
        """The weight of an entry with these topics, and what gave it: a topic, `ANY` or `OTHER`."""
        if not topics:
            return self.any, ANY
        weights = dict(self.topics)
        weight, topic = max(((weights[t], t) for t in topics if t in weights), default=(self.other, OTHER), key=lambda w: w[0])
        return weight, topic

    @property
    def version(self) -> str:
        """8 hexadecimal digits over everything that weighs."""
        return hashlib.sha256(repr((self.topics, self.any, self.other)).encode()).hexdigest()[:8]


def load_profiles(path: Path | None = None) -> dict[str, Profile]:
    """Name -> Profile: the shipped ones, then those of `path`, by default `user_profiles_path()`, if it is there.

    Raises ProfileError naming the file and what is wrong in it.
    """
    shipped = read_profiles(Path(str(files("authority").joinpath("profiles.toml"))))
    path = path or user_profiles_path()
    return shipped | read_profiles(path) if path.exists() else shipped


def user_profiles_path() -> Path:
    """Where the user's profiles lie, whether or not they are there."""
    return user_path().with_name("profiles.toml")


def read_profiles(path: Path) -> dict[str, Profile]:
    """Name -> Profile of one file. Raises ProfileError naming the file and what is wrong in it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PROFILES + 1)
        if len(data) > MAX_PROFILES:
            raise ProfileError(f"larger than {MAX_PROFILES:,} bytes, which no file of profiles should be")
        return dict(_parsed(data))
    except OSError as error:
        raise ProfileError(f"profiles {path}: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:  # TOML and UTF-8
        raise ProfileError(f"{path} is not TOML in UTF-8: {error}; mend that line") from None
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from None


@lru_cache(maxsize=8)
def _parsed(data: bytes) -> Mapping[str, Profile]:
    """A server looks every so often: an unchanged file is not taken apart again."""
    return {name: _profile(name, fields) for name, fields in tomllib.loads(data.decode()).items()}


def _profile(name: str, fields: object) -> Profile:
    if not isinstance(fields, Mapping):
        raise ProfileError(f"{name!r} is no profile; write [{name}] and below it about, any, other, topics")
    if unknown := fields.keys() - {"about", ANY, OTHER, "topics"}:
        raise ProfileError(f"profile {name!r} has an unknown key {min(unknown)!r}; there are about, any, other, topics")
    topics = fields.get("topics", {})
    if not isinstance(topics, Mapping):
        raise ProfileError(f"profile {name!r} has no table of topics; write topics = {{ health = 1.0 }}")
    return Profile(
        name, str(fields.get("about", "")), tuple(sorted(topics.items())), fields.get(ANY, 1.0), fields.get(OTHER, 1.0)
    )
