"""How would the two retrievers be fused without a model?

A named baseline for evaluation, not part of the read path: it knows ranks only, so it cannot say how far apart two documents are.
"""

from __future__ import annotations

from collections.abc import Sequence

K = 60


def reciprocal_rank_fusion(rankings: Sequence[Sequence[str]], k: int = K) -> list[tuple[str, float]]:
    """Score(d) = sum over rankings of 1 / (k + rank(d)), rank counted from 1; ordered by score, then id.

    Cormack, Clarke and Buettcher, SIGIR 2009, doi:10.1145/1571941.1572114; k = 60 is theirs.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, document in enumerate(ranking, 1):
            scores[document] = scores.get(document, 0.0) + 1 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
