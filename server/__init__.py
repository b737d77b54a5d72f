"""The wire: batches of queries in, rankings out, over gRPC.

- service     Search: what each call does (authority_service, admin_service: the other two)
- services    the three of them, whichever wire asks
- answering   what gRPC and HTTP share: a batch, its limits, one snapshot and one table
- load/       units of several calls, what waits, what is left out, what is refused
- part        which part of a document is wanted (reading: how it is cut out)
- categories  what a caller's category means here
- table       the authority table through a server
- units       documents off the event loop, within the deadline
- fit         replies that stay under 4 MiB, and what is said where they would not
- access/     keys, scopes, limits, TLS: who may call, for what, and how much
- observe/    a line a call, metrics, the query log
- rpc/        a call over gRPC on its way in and out: the guard at the border, its request, its reply
- faults      what becomes of an exception that nobody expected
- serving     a searcher on a port: health, reflection, reload, drain
- run         from start to SIGTERM
- workers/    several processes on one port, and who starts them again
- process     what every process does first and last
- readiness   the line and the file that say it answers
- upkeep      what is taken up from disk, and what if it cannot be (memory: what a worker that is started again knows)
- state       how a worker is, and what may be done with it
- waiting     how long a call waits for its client
- places      how many calls are worked on at once (room: how many connections there may be)
- client/     the typed Python clients, blocking and asynchronous; the only module that programs (and the agent) import
- wire/       domain types to messages and back
- address     HOST:PORT, and what may be bound
- http/       the same over HTTP: JSON, other services' shapes
- mcp/        the same as tools of the Model Context Protocol
- options     what may be said on the command line or in [server] of stepwell.toml
- deployment  those values as an index to open and a server to start
- settings    what a server needs to know
- errors      what can go wrong
- doctor/     would it run well here, and what should be changed
- notify      what a service manager hears
- overview    what an operator sees
- health      whether the server of a deployment answers
- cli, verbs/ `stepwell server run|search|status|doctor|health|mcp|key`

Importing `server.client` loads no index, no FAISS and no tantivy.
"""
