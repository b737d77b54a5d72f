"""The world into Documents: papers, folders and sites into one corpus.

    papers/          one file per publisher of papers          cli.py        the verbs of `stepwell crawler`
    harvest/         records by OAI-PMH, live                  ingest.py     readings into a corpus, counted
    web/             crawls, their frontier, WARC              reading.py    what a source yields, step by step
    files.py pdf/    a folder of one's own                     decode.py     bytes into characters
    extraction/      text and metadata of a page (extract.py)  safety.py     what may be dialled
    merging/         one document per work, clusters           errors.py     what can go wrong
    graph/           the host graph of what was crawled        sample_corpus.py  the bundled sample in sample/

Writes the Document of `indexer.document` and nothing else; knows no index and no query.
"""

from crawler.errors import CrawlerError

__all__ = ["CrawlerError"]
