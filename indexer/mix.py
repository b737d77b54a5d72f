"""Which collections share a segment?

A search pays for every segment it asks, so hundreds of collections of some tens of documents had better share one. Statistics and
filters by collection are exact either way.
"""

from __future__ import annotations

from typing import Literal, get_args

Mix = Literal["small", "all", "none"]
"""Those of fewer than SMALL documents, all, or none."""
MIXES: tuple[Mix, ...] = get_args(Mix)
SMALL = 1_000
"""Documents written at once from which a collection has a segment of its own."""
