"""From a question to a cited report, one step at a time.

    cli.py          the verbs; commands.py what each does
    loop.py         what happens next: reply, answer the calls, stop, report
    answer.py       one call: the desk it is done at, and its result
    trajectory.py   what can happen in a run: nine kinds of event
    events.py       the append-only log of them, locked and fsynced
    blobs.py        the run's texts, named by their SHA-256
    workspace.py    the files a run may touch
    standing.py     where a run stands, from its events
    budget.py       how much of what it may use is used
    control.py      pause, stop, and the reply under way
    messages.py     what the model sees, from the events; recollection.py what stands for old turns
    storage.py      what of a long result is shown; tokens.py how long a text is
    reading.py      what an opened page says, in calls without tools
    evidence.py     sources and spans: what may be cited
    claims.py       the sentences of a report that claim something; stating.py, of_itself.py which need a citation
    rules.py        what is certain of a claim (CHECKS.md), verdicts.py how that is said; judge.py the rest
    facts/          numbers and dates, compared by value
    names.py        which words are names; lexicon.py by dictionaries, acronyms.py, exonyms.py and lettered.py in other spellings
    whole.py        where a whole sentence of a source begins and ends
    conflicts.py    what sources disagree on; differing.py by their numbers
    tools/          what the model can do, one file a tool
    models/         extractive (default), openai (any compatible endpoint), scripted
    sandbox/        where a command may run, or not at all
    report.py       report.md and sources.json; body.py the model's text in them, addresses.py without links; export.py HTML
    language/       the asker's language, and the words for a reader
    verify.py       every citation against its source
    runs.py         where runs lie, and the list of them
    settings.py     limits and models from stepwell.toml
    library.py      the two calls of server.client that the agent needs
    sentences.py    where a sentence begins and ends
    watch.py        one line an event, for a person
    page/           the same and the report, on a page
    vllm/           how 32B weights are served
    detached.py     a run that goes on in a process of its own
    errors.py       what can go wrong

The room imports `server.client` and no other room; `stepwell_toml` belongs to none.
"""
