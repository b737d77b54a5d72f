"""From a question to a cited report, one step at a time.

    cli.py          ask, resume, runs, show, verify
    loop.py         what happens next: reply, answer the calls, stop, report
    trajectory.py   what can happen in a run: six kinds of event
    events.py       the append-only log of them, locked and fsynced
    blobs.py        the run's texts, named by their SHA-256
    standing.py     where a run stands, from its events
    messages.py     what the model sees, from the events
    evidence.py     sources and spans: what may be cited
    tools/          batch_search, open, write, finish
    models/         extractive (default), openai (any compatible endpoint), scripted
    report.py       report.md and sources.json: numbers, sources, quotes
    verify.py       every citation against its source
    runs.py         where runs lie, and the list of them
    library.py      the two calls of server.client that the agent needs
    sentences.py    where a sentence begins and ends
    watch.py        one line an event, for a person
    errors.py       what can go wrong

The room imports `server.client` and no other room.
"""
