"""Which altered sentences could a judge that believes everything still call supported?

    python -m benchmarks.agent.altered --corpus corpus/acl --sentences 8000

Sentences of a corpus are held against themselves and against the whole text they stand in: as they are, where none should be held
back by rule, and with one digit, one name or one letter of a name altered, where all should.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from agent.claims import Claim
from agent.evidence import Evidence, Source, Span
from agent.facts import numbers
from agent.names import names_in
from agent.rules import by_rules, lacking
from agent.sentences import sentences
from agent.verdicts import PARTIAL, UNSUPPORTED
from indexer.corpus import read_corpus

LONGEST = 6_000
"""Characters of a text."""
NAMES = ("Lindqvist", "Quell", "Zorvath", "Ostermund", "Kaldera")
"""Stand for a name."""


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sentences", type=int, default=8000)
    args = parser.parse_args()
    drawn, counts = random.Random(1), Counter[str]()
    for sentence, text in _sentences(args.corpus, args.sentences):
        for beside, about in (("itself", sentence), ("its whole text", text)):
            counts[f"{beside}: sentences"] += 1
            counts[f"{beside}: held back as they are"] += bool(lacking(sentence, about, held(about), "en", 1))
            for kind, altered, value in _altered(sentence, drawn):
                verdict = by_rules(Claim(0, 1, altered, ("s1",)), held(about), "en").verdict
                passed = verdict not in (PARTIAL, UNSUPPORTED)
                counts[f"{beside}: {kind} altered"] += 1
                counts[f"{beside}: {kind} altered, not held back"] += passed
                if passed:
                    there = value in {v for number in numbers(about) for v in number.values}
                    counts[f"{beside}: {kind} altered, not held back, {'stands elsewhere' if there else 'else'}"] += 1
                    if not there:
                        print(f"{kind}  {value!r}  {altered[:200]}")
    for name, count in sorted(counts.items()):
        print(f"{count:9,d}  {name}")


def _sentences(corpus: Path, most: int) -> Iterator[tuple[str, str]]:
    seen = 0
    for document in read_corpus(corpus):
        text = " ".join(document.text[:LONGEST].split())
        for start, end in sentences(text):
            if seen >= most:
                return
            seen += 1
            yield text[start:end], text


def _altered(sentence: str, drawn: random.Random) -> Iterator[tuple[str, str, str]]:
    """``(what, sentence, the new value)`` with another digit, and with another name."""
    if digits := list(re.finditer(r"\d", sentence)):
        digit = drawn.choice(digits)
        other = str((int(digit[0]) + drawn.randint(1, 9)) % 10)
        altered = sentence[: digit.start()] + other + sentence[digit.end() :]
        whole = re.search(r"[\d.,]*\Z", altered[: digit.start()])
        behind = re.match(r"[\d.,]*", altered[digit.start() :])
        yield "a digit", altered, f"{whole[0] if whole else ''}{behind[0] if behind else ''}".strip(".,")
    if said := names_in(sentence, "en"):
        name, other = drawn.choice(said), drawn.choice(NAMES)
        yield "a name", sentence.replace(name, other), other
        at = drawn.randrange(1, len(name)) if len(name) > 1 else 0
        other = (
            name[:at]
            + drawn.choice([sign for sign in ("qxzjkv" if name[at].islower() else "QXZJKV") if sign != name[at]])
            + name[at + 1 :]
        )
        yield "a letter of a name", sentence.replace(name, other), other


def held(text: str) -> Evidence:
    """A run that has seen this text alone, as span s1."""
    evidence = Evidence()
    source = Source("d", "", (), "", "", "", "paper", "", 0.0, "x", "g")
    evidence.learn([source], [Span("s1", "d", "x", 0, len(text), text)])
    return evidence


if __name__ == "__main__":
    main()
