"""Which numbers and dates does a text hold, and does another text hold them too?

    glyphs.py      which digits does a text write in other signs than 0 to 9?
    numerals.py    which number does a word say?
    halves.py      which numbers does a text write as a half or a quarter of a size?
    hundreds.py    which numbers from a hundred on does a text write in words?
    spelled.py     which numbers may the words of a source mean?
    scales.py      by what does the word behind a number multiply it?
    units.py       in which unit is a number, and of what?
    degrees.py     which temperatures does a text name?
    numbers.py     which numbers stand in a text, and with which sign?
    fractions.py   which fractions stand in a text?
    months.py      which months stand in a text?
    weekdays.py    which days of the week and seasons does a text name?
    counted.py     how many of what does a text count in small words?
    single.py      where does a text say one of a unit with an article?
    bounds.py      is a number said outright, roughly, as a bound, or denied?
    and_a_half.py  where does a text say so many and a half?
    reckoned.py    can a number be reckoned from those of a source?
    lasting.py     may so many years, or a year, come from the years of a source?
    rounded.py     is a number one of the source's, rounded?
    signs.py       does a source hold a number with the opposite sign?
    eras.py        which decade does a text name, and in which century is a year?
    source.py      which numbers, fractions and months does a source hold?
    holding.py     does the source contradict the numbers of a sentence?
    meant.py       does a source say in other words what a sentence says in digits?
    absent.py      which of them stand in no spelling in the source?
    standing.py    does a number stand there, in whatever spelling?
    dates.py       which dates stand in a text?
    digits.py      which dates does a text write in digits?
    clock.py       which times of day does a text name?
    ranks.py       how many times, or which one in a row, does a text say?
    free.py        which numbers say nothing of the world?

Comparison is by value, not by spelling, in five languages.
"""

from agent.facts.absent import absent
from agent.facts.fractions import shares
from agent.facts.free import POINTER
from agent.facts.holding import strange_number
from agent.facts.months import is_month
from agent.facts.numbers import Number, numbers
from agent.facts.numerals import small
from agent.facts.ranks import is_place
from agent.facts.source import values
from agent.facts.standing import joined
from agent.facts.weekdays import is_weekday

__all__ = [
    "POINTER",
    "Number",
    "absent",
    "is_month",
    "is_place",
    "is_weekday",
    "joined",
    "numbers",
    "shares",
    "small",
    "strange_number",
    "values",
]
