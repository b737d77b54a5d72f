"""The world into Documents: papers, folders and sites into one corpus.

    papers/            one file per publisher of papers            cli.py        the verbs of `stepwell crawler`
    files.py           a folder of one's own                       ingest.py     readings into a corpus, counted
    site.py safety.py  a web site, politely and safely             reading.py    what a source yields, step by step
    extract.py         the text and metadata of an HTML page       decode.py     bytes into characters
    sample_corpus.py   the bundled sample in sample/               errors.py     what can go wrong

Writes the Document of `indexer.document` and nothing else; knows no index and no query.
"""

from crawler.errors import CrawlerError

__all__ = ["CrawlerError"]
