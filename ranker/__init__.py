"""Query -> Ranking.

`search` is the read path: `query` -> `retrieve` (with `bm25`) -> `relevance` (log-odds) -> `settle` (collapse, authority, order)
-> `answer` (passages by `highlight`, every term of the score). `trust` applies an authority table; `pinned` is what belongs
together. `evaluate`, `runs`, `collection`, `fusion` and `calibrate` measure and fit it. See README.md.
"""
