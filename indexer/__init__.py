"""Documents -> Index.

`document` and `corpus` are what crawlers write; `build` turns corpora into a generation; `index` is what the ranker reads.
A segment (`segment`) holds `store` (whole documents), `columns` (what filters and authority ask), `passages` (spans), `forward`
(exact BM25), `lexical` (tantivy) and `dense` (FAISS); `generation` commits segments; `encoders/` turns texts into vectors.

An index lives on by `update`, `deletion` (of what `selected` reads from the command line) and `merge` (of what `tiers`
choose); `history` finds, holds and rolls back snapshots; `audit` finds damage and `repair` makes it good, `scrub` finds it while
an index is served, and `withdrawal` says what may be searched until then.
"""
