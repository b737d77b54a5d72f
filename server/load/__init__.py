"""How is more than one call answered at once, and what if there is too much to do?

estimate.py    how long will this take
call.py        one batch on its way
turns.py       whose queries come next: units of about 50 ms
lane.py        one kind of work and its threads
collector.py   what retrieves and ranks them, and when
shedding.py    what is left out before anybody is refused
"""
