"""What does each verb of `stepwell server` do?

run         serve an index
search      send queries as one batch
status      what a server serves, and how it is
doctor      check a deployment and say what to change
health      whether the server of a deployment answers
mcp         tools for an agent over standard input and output
key         create, revoke and list keys
connecting  how the verbs that ask find their server

Each has `add(verbs)`, which describes it, and `run(args)`, which does it and returns the exit code.
"""
