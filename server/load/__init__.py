"""How is more than one call answered at once, and what if there is too much to do?

estimate.py    how long will this take
call.py        one batch on its way
turns.py       whose queries come next: units of about 50 ms
lane.py        one kind of work and its threads
rest.py        when the event loop may stop to search
work.py        what a thread does with a unit
collector.py   which thread has what, and when
pile.py        what of a stream was begun, and whether its reader takes it
admission.py   who is let in
refusals.py    how many are not, lately
shedding.py    what is left out
"""
