"""How one HTML page becomes text, headings and metadata; crawler.extract is the door.

page.py       bytes into a tree of bounded size
marked.py     the main part where the page marks it itself, as documentation does
article.py    the main part of an article or a thread, by trafilatura
witness.py    what a second extractor, resiliparse, says to that
blocks.py     a part of a tree into lines and headings
sections.py   lines and headings into one text with exact offsets
metadata.py   title, authors, site and language
dates.py      the date of publication, and how sure it is
"""
