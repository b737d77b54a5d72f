"""Which numbers and dates does a text hold, and does another text hold them too?

    numerals.py    which number does a word say?
    numbers.py     which numbers stand in a text, and with which sign?
    fractions.py   which fractions stand in a text?
    months.py      which months stand in a text?
    counted.py     how many of what does a text count in small words?
    holding.py     does the source hold the numbers of a sentence?

Comparison is by value, not by spelling, in five languages.
"""

from agent.facts.holding import strange_number, values
from agent.facts.months import is_month
from agent.facts.numbers import Number, numbers

__all__ = ["Number", "is_month", "numbers", "strange_number", "values"]
