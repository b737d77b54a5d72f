"""Query -> Ranking.

`search` is the read path: `query` (with `syntax`, `wordings`) -> `retrieve` (with `bm25`) -> `relevance` (log-odds) -> `settle`
(collapse, order) and `fuse` (wordings, retrieved in `steps`) -> `stages` -> `answer` (passages by `window` and `highlight`,
every term of the score). `trust` applies an authority table; `pinned` is what belongs together, `served` and
`own_calibration` what those who are started again know of it. `addresses` are ways to write what is fetched. `evaluate`, `runs`,
`collection`, `fusion` and `calibrate` measure and fit it. See README.md.
"""
