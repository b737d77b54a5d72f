"""How many statements in other words than their sources' do the rules hold back from supported, and over what?

    python -m benchmarks.agent.paraphrased --collection collections/scifact:train

The queries of a collection of claims are held against the texts that its judges found for them. Some are false, or use a name
that the text does not have: no measure of errors, but of how often a true claim can become partial for its wording.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter

from agent.facts import absent
from agent.lexicon import begins_as_name
from agent.rules import lacking
from benchmarks.agent.altered import held
from ranker.collection import Collection

LONGEST = 20_000
"""Characters of the texts of one claim."""


def main() -> None:
    """Print the shares, and the claims that are held back over their first word alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collection", required=True, help="PATH or PATH:SPLIT, in BEIR's layout")
    collection = Collection.named(parser.parse_args().collection)
    texts = {document.id: f"{document.title}. {document.text}" for document in collection.documents()}
    counts = Counter[str]()
    for query, grades in collection.qrels.items():
        about = " ".join(texts[name] for name, grade in grades.items() if grade > 0 and name in texts)[:LONGEST]
        claim = collection.queries[query].strip().rstrip(".") + "."
        claim = claim[0].upper() + claim[1:]
        counts["claims"] += 1
        if not (reason := lacking(claim, about, held(about), "en", 1)):
            continue
        first = re.match(r"\S+", claim)
        begins = (
            bool(first)
            and begins_as_name(first, "en")
            and not lacking(f"It {claim[0].lower()}{claim[1:]}", about, held(about), "en", 1)
        )
        counts["held back"] += 1
        counts["held back, over a number among others"] += bool(absent(claim, about, "en", 1))
        counts["held back, over the first word alone"] += begins
        if begins:
            print(f"{reason}  |  {claim[:120]}")
    for name, count in sorted(counts.items()):
        print(f"{count:9,d}  {name}")


if __name__ == "__main__":
    main()
