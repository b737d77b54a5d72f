"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.build import build
from indexer.corpus import CorpusWriter
from indexer.document import Document
from indexer.encoders import Encoder, Role, Vectors, load_encoder
from indexer.errors import EncoderError

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("STEPWELL_DATA", ROOT.parent / "shared" / "data"))
"""Real data for tests; the one place that knows where it may lie. Absent on most machines."""

TEXTS = {
    "Tides and the moon": "Spring tides come when sun and moon pull in one line, at new and full moon.",
    "Reading a tide table": "A tide table gives the time and height of high water for each day of the year.",
    "Boiling water": "Water boils at a lower temperature on a mountain, so boil it for longer there.",
    "Storing batteries": "A lithium battery keeps best half charged in a cool and dry place.",
    "Feeding a starter": "Feed a sourdough starter with flour and water when it has doubled and begins to fall.",
    "Bread with a dense crumb": "A dense crumb often means the dough was not given the time to rise.",
    "Squealing brakes": "Disc brakes squeal when oil has reached the pads or the rotor is not true.",
    "Bedding in brake pads": "New brake pads want twenty firm stops from riding speed before they bite.",
    "Heat warnings": "A heat warning has four levels; from the third on, public events are moved indoors.",
    "Bees in winter": "A colony clusters in winter and eats the honey it stored in summer.",
    "Coffee and water": "Sixty grams of coffee for a litre of water is where most people begin.",
    "A paper without abstract": "",
}
"""Twelve documents that a person can rank by hand."""
HOSTS = ("met.alder.example", "driftline.example", "health.alder.example", "summitgear.example")
AXE = "4.14.1"
"""Version of axe-core that judges accessibility."""


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor fill the cache and the settings of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEPWELL_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip that says what is missing."""
    if not DATA.is_dir():
        pytest.skip(f"no real data at {DATA}; set STEPWELL_DATA to run this test")
    return DATA


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The default encoder, or a skip where its weights are not installed."""
    try:
        return load_encoder()
    except (EncoderError, ModuleNotFoundError) as error:
        pytest.skip(f"no default encoder here: {error}")


class Letters:
    """An encoder that counts letters: enough to search by."""

    name, fingerprint, precision, dim = "letters", "1e77e25" * 4, "float32", 28

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """(len(texts), 28) float32, rows L2-normalised."""
        counts = np.array([[text.lower().count(chr(97 + i)) + 0.1 for i in range(28)] for text in texts], np.float32)
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).reshape(-1, 28)


@pytest.fixture(scope="session")
def letters() -> Encoder:
    """An encoder without weights."""
    return Letters()


@pytest.fixture(scope="session")
def tiny_documents() -> list[Document]:
    """Twelve short documents on four hosts, dated 2015 to 2026, the last one a paper without text."""
    return [
        Document(
            id=f"tiny:{i}",
            title=title,
            text=text,
            kind="page" if text else "paper",
            url=f"https://{HOSTS[i % len(HOSTS)]}/{i}",
            published=str(2015 + i),
            collection="tiny",
        )
        for i, (title, text) in enumerate(TEXTS.items())
    ]


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory, tiny_documents: list[Document]) -> Path:
    """The twelve documents as a corpus."""
    path = tmp_path_factory.mktemp("tiny") / "corpus"
    with CorpusWriter(path) as writer:
        for document in tiny_documents:
            writer.add(document)
    return path


@pytest.fixture(scope="session")
def tiny_index(tiny_corpus: Path) -> Path:
    """A lexical index of the twelve documents. Shared: tests that change it copy it first."""
    path = tiny_corpus.parent / "index"
    build([tiny_corpus], path, None)
    return path


@pytest.fixture(scope="session")
def sample_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample corpus."""
    path = tmp_path_factory.mktemp("sample") / "corpus"
    with CorpusWriter(path) as writer:
        for name in ("pages", "papers"):
            for line in (ROOT / "crawler" / "sample" / f"{name}.jsonl").read_bytes().splitlines():
                writer.add(Document.from_json(line))
    return path


@pytest.fixture(scope="session")
def sample_index(sample_corpus: Path, encoder: Encoder) -> Path:
    """A hybrid index of the sample corpus. Shared: tests that change it copy it first."""
    path = sample_corpus.parent / "index"
    build([sample_corpus], path, encoder)
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium, or a skip that says what is missing. A module's own: its event loop must not outlive those tests."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on the PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])  # root has no user namespace to hide in
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, kept between runs; or a skip."""
    folder = Path.home() / ".cache" / "stepwell-tests" / f"axe-{AXE}"
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm to install axe-core with")
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([npm, "install", "--prefix", folder, f"axe-core@{AXE}"], capture_output=True, timeout=120)
        if done.returncode:
            pytest.skip("axe-core cannot be installed here")
    return source.read_text()
