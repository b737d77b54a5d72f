"""Web pages into Documents: a polite crawl, a frontier that survives, WARC files kept, one place that decides how to dial."""
