"""What else may happen to a ranking?

Stages are optional, off by default, and of one shape: from where the documents of a question stand to where they stand then.
Some add to relevance, in log-odds, before authority settles the order, so that its bound holds for what comes out; others move or
pass over documents of the settled order, outside the bound, and `Hit.diversified` counts the places. What a stage had to leave
out is named in the answer's coverage. One file a stage:

reading     a model reads the query and the best passages together (cross-encoder)
feedback    the words of the first documents are searched too (RM3)
impact      papers that are cited a lot count more
recency     newer documents count more
diversity   a document that repeats one above it counts less
caps        so many hits of one site, or of one work in its versions
"""

from __future__ import annotations

from typing import Protocol

from ranker.stages.standing import Standing


class Stage(Protocol):
    """One optional stage."""

    def __call__(self, standing: Standing) -> Standing:
        """Where the documents stand afterwards; what is shown of the first n rows depends on no k."""
